import errno
import os
import signal
from pathlib import Path

import pytest

from custom.cli.user_error import one_line
from custom.files import ResultFolder, result_folder

ENTRIES = {"metrics.json", "attacks"}


def earlier_results(output):
    (output / "attacks").mkdir(parents=True)
    (output / "attacks" / "fgsm.npz").write_text("finished")
    (output / "metrics.json").write_text("old")


def written(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["one system call", "two moves"])
def either_way(request, monkeypatch):
    if request.param == "two moves":
        monkeypatch.setattr(result_folder, "exchange", lambda *_: False)


@pytest.mark.usefixtures("either_way")
def test_results_are_replaced_as_a_whole_and_what_is_to_be_kept_is_kept(tmp_path):
    output = tmp_path / "evaluation"
    earlier_results(output)
    with ResultFolder(output, ENTRIES, carry_over=["attacks", "absent"]) as folder:
        (folder / "metrics.json").write_text("new")
        assert written(output)["metrics.json"] == "old"
    assert written(output) == {"metrics.json": "new", "attacks/fgsm.npz": "finished"}
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_while_writing_leaves_what_was_there(tmp_path, error):
    earlier_results(tmp_path / "evaluation")

    def fail_halfway():
        with ResultFolder(tmp_path / "evaluation", ENTRIES) as folder:
            (folder / "metrics.json").write_text("new")
            raise error

    with pytest.raises(error):
        fail_halfway()
    assert written(tmp_path) == {"evaluation/metrics.json": "old", "evaluation/attacks/fgsm.npz": "finished"}


@pytest.mark.parametrize("failing", [1, 2])
def test_an_error_between_two_moves_loses_neither_old_nor_new_results(tmp_path, monkeypatch, failing):
    monkeypatch.setattr(result_folder, "exchange", lambda *_: False)
    output = tmp_path / "evaluation"
    earlier_results(output)
    calls = []

    def full(move):
        def refuse(self, target):
            if target == output or self == output:
                calls.append(target)
                if len(calls) == failing:
                    raise OSError(errno.ENOSPC, "No space left on device")
            return move(self, target)

        return refuse

    monkeypatch.setattr(Path, "rename", full(Path.rename))
    monkeypatch.setattr(Path, "replace", full(Path.replace))

    def replaced():
        with ResultFolder(output, ENTRIES) as folder:
            (folder / "metrics.json").write_text("new")

    with pytest.raises(OSError, match=r"No space left on device; the new results are in .*evaluation-new-1\.$"):
        replaced()
    assert written(tmp_path) == {
        "evaluation/metrics.json": "old",
        "evaluation/attacks/fgsm.npz": "finished",
        "evaluation-new-1/metrics.json": "new",
    }


def test_a_full_disk_while_attacks_are_carried_over_loses_nothing(tmp_path, monkeypatch):
    earlier_results(tmp_path / "evaluation")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)

    def replaced():
        with ResultFolder(tmp_path / "evaluation", ENTRIES, carry_over=["attacks"]) as folder:
            (folder / "metrics.json").write_text("new")

    with pytest.raises(OSError, match="the new results are in"):
        replaced()
    assert written(tmp_path / "evaluation") == {"metrics.json": "old", "attacks/fgsm.npz": "finished"}
    assert (tmp_path / "evaluation-new-1" / "metrics.json").read_text() == "new"


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_between_two_moves_arrives_after_both(tmp_path, monkeypatch, number):
    output = tmp_path / "evaluation"
    earlier_results(output)
    arrived = []
    previous = signal.signal(number, lambda *_: arrived.append(written(output)))
    keep_earlier = ResultFolder._keep_earlier

    def interrupted(self, new):
        signal.raise_signal(number)
        keep_earlier(self, new)

    monkeypatch.setattr(ResultFolder, "_keep_earlier", interrupted)
    try:
        with ResultFolder(output, ENTRIES, carry_over=["attacks"]) as folder:
            (folder / "metrics.json").write_text("new")
    finally:
        signal.signal(number, previous)
    assert arrived == [{"metrics.json": "new", "attacks/fgsm.npz": "finished"}]


def test_other_peoples_folders_are_never_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(ValueError, match=r"holds other files than results \(thesis.tex\); pass a folder of their own"):
        ResultFolder(tmp_path, ENTRIES)
    with pytest.raises(ValueError, match=r"thesis.tex is a file; pass a folder for the maps\."):
        ResultFolder(tmp_path / "thesis.tex", ENTRIES, "maps")


def test_what_others_put_there_in_the_meantime_is_kept(tmp_path):
    def replaced():
        with ResultFolder(tmp_path / "out", ENTRIES) as folder:
            (folder / "metrics.json").write_text("new")
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "thesis.tex").write_text("precious")

    with pytest.raises(ValueError, match="holds other files"):
        replaced()
    assert written(tmp_path) == {"out/thesis.tex": "precious", "out-new-1/metrics.json": "new"}


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "evaluation").symlink_to(tmp_path / "disk")
    with ResultFolder(tmp_path / "evaluation", ENTRIES) as folder:
        (folder / "metrics.json").write_text("new")
    assert (tmp_path / "evaluation").is_symlink()
    assert (tmp_path / "disk" / "metrics.json").read_text() == "new"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"^Cannot write to .*file: (Not a directory|File exists)\.$"):
        ResultFolder(tmp_path / "file" / "out", ENTRIES).open()


def test_what_a_killed_process_left_in_results_to_be_kept_is_not_kept(tmp_path):
    earlier_results(tmp_path / "evaluation")
    (tmp_path / "evaluation" / "attacks" / ".pgd.npz.0123456789ab.partial").write_text("half")
    with ResultFolder(tmp_path / "evaluation", ENTRIES, carry_over=["attacks"]):
        pass
    assert written(tmp_path) == {"evaluation/attacks/fgsm.npz": "finished"}


def test_results_in_which_a_killed_process_left_something_are_still_results(tmp_path):
    earlier_results(tmp_path / "evaluation")
    (tmp_path / "evaluation" / ".report.html.0123456789ab.partial").write_text("half")
    ResultFolder(tmp_path / "evaluation", ENTRIES)
    assert written(tmp_path / "evaluation") == {"metrics.json": "old", "attacks/fgsm.npz": "finished"}


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_is_named_with_the_folder_that_the_user_knows(tmp_path, wrapped):
    earlier_results(tmp_path / "evaluation")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write():
        with ResultFolder(tmp_path / "evaluation", ENTRIES, "evaluation"):
            if wrapped:
                raise OSError("Cannot write .hidden") from full
            raise full

    with pytest.raises(OSError, match="No space left on device; what was there is unchanged") as caught:
        write()
    place = tmp_path / "evaluation"
    assert one_line(caught.value) == (
        f"Cannot write the evaluation to {place}: No space left on device; what was there is unchanged."
    )
    assert written(place)["metrics.json"] == "old"
