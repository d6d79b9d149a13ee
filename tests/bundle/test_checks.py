import errno
import tempfile

import pytest
import torch

from custom.bundle import preflight


@pytest.fixture
def dataset(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datalist.json").write_text("{}")
    return str(tmp_path / "data")


def test_makes_the_output_folder_and_leaves_it_empty(dataset, tmp_path):
    output = tmp_path / "new" / "run"
    preflight(dataset, str(output), device=torch.device("cpu"))
    assert output.is_dir()
    assert not list(output.iterdir())


def test_no_data_says_how_to_get_some(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"make_synthetic\.py --output nowhere.*prepare_ham10000.*--dataset_dir"
    ):
        preflight("nowhere", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_another_trainings_folder_is_refused_unless_resumed(dataset, tmp_path):
    (tmp_path / "checkpoint.pt").touch()
    with pytest.raises(FileExistsError, match="another --output_dir, or --resume"):
        preflight(dataset, str(tmp_path))
    preflight(dataset, str(tmp_path), resume=True)


def test_resume_needs_a_checkpoint(dataset, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no checkpoint\.pt in .*start without --resume"):
        preflight(dataset, str(tmp_path / "run"), resume=True)


def test_a_file_in_the_way(dataset, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"^Cannot write to the output folder .*file/run: Not a directory\.$"):
        preflight(dataset, str(tmp_path / "file" / "run"))


def test_a_full_disk(dataset, tmp_path, monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(OSError, match=r"run: No space left on device\.$"):
        preflight(dataset, str(tmp_path / "run"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_an_absent_device(dataset, tmp_path):
    with pytest.raises(ValueError, match=r"cuda:0 is not available here: give --device cpu\."):
        preflight(dataset, str(tmp_path / "run"), device=torch.device("cuda:0"))
