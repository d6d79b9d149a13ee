from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.testing import data_path

from custom.data.volume_sets import make_mr_blocks
from tests.cli.programs import content


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mr")
    make_mr_blocks(folder, per_class=20, seed=1)
    return folder


@pytest.fixture(scope="module")
def head():
    return nibabel.load(Path(data_path) / "example4d.nii.gz")


def place(item, head):
    """Where a block begins in the head, by its affine."""
    affine = nibabel.load(item["image"]).affine
    return (np.linalg.inv(head.affine) @ affine[:, 3])[:3].round(3).astype(int)


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        make_mr_blocks(tmp_path / str(seed), per_class=20, seed=seed)
    assert content(tmp_path / "1") == content(folder)
    assert content(tmp_path / "2").keys() != content(folder).keys()


def test_labels_are_true_and_values_are_those_of_the_head(splits, head):
    values = np.asarray(head.dataobj[..., 0])
    for item in (item for items in splits.values() for item in items):
        x, y, z = place(item, head)
        assert z // 8 == (z + 5) // 8 == item["label"], "all six slices are of the level"
        block = nibabel.load(item["image"])
        np.testing.assert_array_equal(block.get_fdata(), values[x : x + 16, y : y + 16, z : z + 6])
        assert np.median(block.get_fdata()) > 300, "a block of the brain"


def test_splits_are_slabs_that_share_no_voxel(splits, head):
    for name, number in (("training", 12), ("validation", 3), ("test", 5)):
        assert [sum(item["label"] == label for item in splits[name]) for label in range(3)] == [number] * 3
    columns = {
        name: {x for item in items for x in range(place(item, head)[0], place(item, head)[0] + 16)}
        for name, items in splits.items()
    }
    assert not columns["training"] & columns["validation"]
    assert not columns["training"] & columns["test"]
    assert not columns["validation"] & columns["test"]
    for item in (item for items in splits.values() for item in items):
        assert item["lesion_id"] == f"slab_{place(item, head)[0]:03d}"


@pytest.mark.parametrize(
    ("per_class", "sentence"),
    [(7, "per_class is 7 and must be at least 8."), (10**4, r"there are \d+ blocks of inferior for training.")],
)
def test_impossible_numbers_are_one_sentence(per_class, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        make_mr_blocks(tmp_path, per_class)
