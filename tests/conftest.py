"""What the tests of more than one folder share."""

from pathlib import Path

import pytest

from custom.data.dataset_folder import new_dataset_folder
from custom.data.synthetic import make_synthetic

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def synthetic_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared data set of twelve small synthetic images a class."""
    output = tmp_path_factory.mktemp("data") / "synthetic"
    with new_dataset_folder(output, overwrite=False) as folder:
        make_synthetic(folder, per_class=12, size=80, seed=0, workers=1)
    return output
