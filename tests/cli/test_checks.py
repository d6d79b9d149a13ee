import pytest
import torch

from custom.cli import preflight


@pytest.fixture
def dataset(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datalist.json").write_text("{}")
    return str(tmp_path / "data")


def test_claims_the_output_folder(dataset, tmp_path):
    output = tmp_path / "new" / "run"
    preflight(dataset, str(output), device=torch.device("cpu"))
    assert output.is_dir()
    (output / "checkpoint.pt").touch()
    with pytest.raises(FileExistsError, match="another --output_dir, or --resume"):
        preflight(dataset, str(output))


def test_no_data_says_how_to_get_some(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"make_synthetic\.py --output nowhere.*prepare\.py.*--dataset_dir"):
        preflight("nowhere", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_an_absent_device(dataset, tmp_path):
    with pytest.raises(ValueError, match=r"cuda:0 is not available here; pass --device cpu\."):
        preflight(dataset, str(tmp_path / "run"), device=torch.device("cuda:0"))


def test_a_selection_by_a_metric_that_is_not_measured_is_refused_before_the_first_epoch(dataset, tmp_path):
    metrics = [{"val_accuracy_mean": None}, {"val_accuracy_clean": None}]
    message = r"^selection must be one of val_accuracy_mean, val_accuracy_clean, not 'accuracy'\.$"
    with pytest.raises(ValueError, match=message):
        preflight(dataset, str(tmp_path / "run"), selection="accuracy", metrics=metrics)
    assert not (tmp_path / "run").exists()
    preflight(dataset, str(tmp_path / "run"), selection="val_accuracy_clean", metrics=metrics)
