import sys

import pytest

from custom.cli.errors import make_errors_readable, readable_errors, report
from custom.cli.user_error import user_error
from custom.cli.values import check_values


def caused(error, cause):
    error.__cause__ = cause
    return error


def test_finds_the_users_error_in_what_monai_wraps():
    root = ValueError("epsilon must not be negative.")
    assert user_error(caused(RuntimeError("a"), caused(RuntimeError("b"), root))) is root
    assert user_error(FloatingPointError("nan")) is not None


def test_takes_the_outermost_sentence_not_the_deepest_reason():
    sentence = caused(ValueError("weights.pth is not a state dict."), OSError("magic number"))
    assert user_error(caused(RuntimeError("wrapper"), sentence)) is sentence


def test_a_bug_is_no_users_error_even_while_handling_one():
    bug = RuntimeError("shapes differ")
    bug.__context__ = ValueError("handled")
    assert user_error(bug) is None


def test_finds_the_users_error_in_what_a_loaders_worker_sends():
    from torch.utils.data import DataLoader

    class Damaged(list):
        def __getitem__(self, index):
            try:
                raise ValueError("bad.png: it is not an image.")
            except ValueError as error:
                raise RuntimeError("applying a transform") from error

    with pytest.raises(RuntimeError) as caught:
        next(iter(DataLoader(Damaged([0]), num_workers=1)))
    found = user_error(caught.value)
    assert isinstance(found, ValueError)
    assert str(found) == "bad.png: it is not an image."


def test_a_bug_in_a_loaders_worker_is_a_bug():
    from torch.utils.data import DataLoader

    class Broken(list):
        def __getitem__(self, index):
            raise KeyError("mask")

    with pytest.raises(KeyError) as caught:
        next(iter(DataLoader(Broken([0]), num_workers=1)))
    assert user_error(caught.value) is None


def reported(error, capsys):
    report(type(error), error, error.__traceback__)
    return capsys.readouterr().err


def test_own_errors_are_one_sentence(capsys):
    with pytest.raises(ValueError, match="method must be one of") as caught:
        check_values({"method": "metod"})
    printed = reported(caused(RuntimeError("Failed to instantiate"), caught.value), capsys)
    assert printed == f"error: {caught.value}\n"


def test_others_errors_say_how_to_see_where(capsys):
    with pytest.raises(FileNotFoundError) as caught:
        open("/nowhere/at/all")  # noqa: PTH123, SIM115
    printed = reported(caught.value, capsys)
    assert printed.count("\n") == 1
    assert printed.startswith("error: No such file or directory: /nowhere/at/all")
    assert "MONAI_DEBUG=1" in printed


def test_bugs_keep_their_traceback(capsys):
    with pytest.raises(ZeroDivisionError) as caught:
        1 / 0  # noqa: B018
    printed = reported(caught.value, capsys)
    assert printed.startswith("Traceback")
    assert "ZeroDivisionError" in printed


def test_interruption_says_how_to_go_on(capsys):
    with pytest.raises(SystemExit) as ended:
        report(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert ended.value.code == 130
    assert "--resume" in capsys.readouterr().err


def test_pytest_itself_is_left_alone():
    assert sys.excepthook is not report


def test_a_scriptreports_what_a_user_can_mend_and_nothing_else(capsys):
    @readable_errors
    def main(arguments=None):
        """Judge the arguments."""
        if arguments == ["bad"]:
            raise ValueError("epsilon must not be negative.")
        if arguments == ["bug"]:
            raise KeyError("mask")
        return 0

    assert main(["good"]) == 0
    assert main(["bad"]) == 1
    assert capsys.readouterr().err.endswith(": epsilon must not be negative.\n")
    with pytest.raises(KeyError):
        main(["bug"])
    assert main.__doc__ == "Judge the arguments."


def test_an_interruption_says_how_this_program_goes_on(capsys, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    make_errors_readable("the same command starts again")
    with pytest.raises(SystemExit, match="130"):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capsys.readouterr().err == "\nInterrupted: the same command starts again.\n"


@pytest.mark.parametrize(
    ("program", "name"), [("/a/custom/__main__.py", "custom"), ("scripts/prepare.py", "prepare.py")]
)
def test_an_error_begins_with_what_was_started(program, name, monkeypatch, capsys):
    @readable_errors
    def main():
        raise ValueError("epsilon must not be negative.")

    monkeypatch.setattr(sys, "argv", [program])
    assert main() == 1
    assert capsys.readouterr().err == f"{name}: epsilon must not be negative.\n"
