import pytest

from custom.data.dataset_folder import new_dataset_folder
from custom.data.synthetic import make_synthetic

TINY = {"backbone": "squeezenet1_1", "weights": None, "image_size": 48, "steps": 2, "batch_size": 8}


@pytest.fixture(scope="package")
def shared_data(tmp_path_factory):
    """Enough images for two sites to have validation images of every class."""
    output = tmp_path_factory.mktemp("data") / "shared"
    with new_dataset_folder(output, overwrite=False) as folder:
        make_synthetic(folder, per_class=30, size=64, seed=0, workers=1)
    return output


@pytest.fixture
def tiny():
    """What makes a training short."""
    return {**TINY, "warm_up_epochs": 0, "fine_tuning_epochs": 2}
