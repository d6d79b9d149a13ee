import pytest

from custom.data import load_datalist


@pytest.fixture(scope="module")
def splits(folder):
    """The items of each split of the volumes in ``folder``, a fixture of each file of tests."""
    return {name: load_datalist(folder, name, masks=True) for name in ("training", "validation", "test")}
