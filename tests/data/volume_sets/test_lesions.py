import nibabel
import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from custom.data.volume_sets import make_lesions
from custom.data.volume_sets.lesions import CLASSES, render_lesion
from tests.cli.programs import content


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lesions")
    make_lesions(folder, per_class=12, seed=5)
    return folder


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    make_lesions(tmp_path, per_class=12, seed=5)
    assert content(tmp_path) == content(folder)
    volume, mask, _ = render_lesion("cyst", [5, 0, 0])
    other, other_mask, _ = render_lesion("cyst", [6, 0, 0])
    assert volume.shape != other.shape or not np.array_equal(volume, other)
    assert volume.shape == mask.shape
    assert other.shape == other_mask.shape


def test_counts_are_exact_and_patients_stay_together(splits):
    for name, number in (("training", 7), ("validation", 2), ("test", 3)):
        assert [sum(item["label"] == label for item in splits[name]) for label in range(3)] == [number] * 3
    sides = [{item["lesion_id"] for item in items} for items in splits.values()]
    assert len(set.union(*sides)) == sum(map(len, sides)) < 36, "some patients have two scans"
    for item in (item for items in splits.values() for item in items):
        assert item["image_id"].startswith(tuple(CLASSES)[item["label"]])


def test_masks_lie_on_the_lesions(splits):
    """Cysts are darker than their surroundings, nodules brighter, and metastases darker in the core than at the rim."""
    found = {name: [] for name in CLASSES}
    for item in (item for items in splits.values() for item in items):
        image, stored = nibabel.load(item["image"]), nibabel.load(item["mask"])
        assert image.shape == stored.shape
        np.testing.assert_array_equal(image.affine, stored.affine)
        mask, values = stored.get_fdata() > 0, image.get_fdata()
        assert set(np.unique(stored.get_fdata())) == {0, 1}
        around = binary_dilation(mask, iterations=2) & ~binary_dilation(mask)
        core, edge = binary_erosion(mask, iterations=2), mask & ~binary_erosion(mask, iterations=1)
        name = tuple(CLASSES)[item["label"]]
        inside = values[mask].mean() - values[around].mean()
        found[name].append(values[core].mean() - values[edge].mean() if name == "metastasis" else inside)
        volume = mask.sum() * np.prod(image.header.get_zooms())
        assert 4 / 3 * np.pi * 5**3 < volume < 4 / 3 * np.pi * 13**3
    # One in twenty looks like one of another class.
    shares = {name: np.mean(np.array(values) > 0) for name, values in found.items()}
    assert shares["cyst"] < 0.2
    assert shares["metastasis"] < 0.2
    assert shares["nodule"] > 0.8


def test_files_of_several_scanners_show_what_was_rendered(folder, splits):
    items = [item for items in splits.values() for item in items]
    codes, spacings = set(), set()
    for item in items:
        image = nibabel.load(item["image"])
        codes.add("".join(nibabel.aff2axcodes(image.affine)))
        spacings.add(tuple(np.round(image.header.get_zooms(), 3)))
    assert len(codes) > 10
    assert len(spacings) == len(items)
    item = next(item for item in items if item["image_id"] == "nodule_000_0")
    volume, mask, affine = render_lesion("nodule", [5, 2, 0])
    turned = [nibabel.as_closest_canonical(nibabel.load(item[key])) for key in ("image", "mask")]
    np.testing.assert_array_equal(turned[0].get_fdata(), volume.round())
    np.testing.assert_array_equal(turned[1].get_fdata(), mask)
    np.testing.assert_allclose(turned[0].affine, affine, atol=1e-4)


def test_a_second_scan_shows_the_same_lesion_elsewhere():
    first, second = (render_lesion("cyst", [3, 0, 4], scan) for scan in (0, 1))
    sizes = [mask.sum() * abs(np.linalg.det(affine)) for _, mask, affine in (first, second)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)
    assert not np.allclose(first[2], second[2])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"per_class": 7}, "per_class is 7 and must be at least 8."),
        ({"seed": -1}, "seed is -1 and must be at least 0."),
    ],
)
def test_impossible_arguments_are_one_sentence(given, sentence, tmp_path):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        make_lesions(tmp_path, **given)
    assert list(tmp_path.iterdir()) == []
