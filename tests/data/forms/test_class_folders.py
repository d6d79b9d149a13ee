import pytest

from tests.data.forms.reading import read, texts


def by_id(found):
    return {s.image_id: (found.classes[s.label], s.split) for s in found.samples}


def test_folders_are_classes_at_any_depth(write_images):
    root = write_images("b/1.png", "b/deep/2.JPG", "a/3.png", "a/.4.png", ".ipynb_checkpoints/b/1.png")
    (root / "a" / "notes.txt").write_text("x")
    (root / "empty").mkdir()
    found = read(root)
    assert found.classes == ["a", "b"]
    assert by_id(found) == {"a/3.png": ("a", None), "b/1.png": ("b", None), "b/deep/2.JPG": ("b", None)}
    assert len({s.lesion_id for s in found.samples}) == 3
    assert {name.rpartition("/")[2]: reason for name, reason in found.left_out.items()} == {
        ".4.png": "it is hidden",
        ".ipynb_checkpoints": "it is a hidden folder",
        "notes.txt": "it is not an image",
    }
    assert not any(found.problems.values())


@pytest.mark.parametrize("train", ["train", "Training", "TRAIN"])
def test_folders_of_splits_keep_the_official_split(write_images, train):
    root = write_images(f"{train}/a/1.png", f"{train}/b/2.png", "valid/a/3.png", "test/a/4.png", "test/b/5.png")
    assert by_id(read(root)) == {
        f"{train}/a/1.png": ("a", "training"),
        f"{train}/b/2.png": ("b", "training"),
        "valid/a/3.png": ("a", "validation"),
        "test/a/4.png": ("a", "test"),
        "test/b/5.png": ("b", "test"),
    }


def test_a_folder_around_everything_is_passed_through(write_images):
    root = write_images("chest/chest_xray/train/a/1.png", "chest/chest_xray/test/b/2.png")
    assert by_id(read(root)) == {"train/a/1.png": ("a", "training"), "test/b/2.png": ("b", "test")}


def test_splits_inside_the_classes(write_images):
    root = write_images("a/train/1.png", "a/test/2.png", "b/train/3.png", "b/test/4.png")
    assert set(by_id(read(root)).values()) == {("a", "training"), ("a", "test"), ("b", "training"), ("b", "test")}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("train/a/1.png", "train/b/2.png", "extra/a/3.png"), r"folders of splits and others \(extra\)"),
        (("images/1.png", "masks/1.png"), "images and masks, which are not classes; pass a table"),
        (("40X/1.png", "100X/2.png"), "40X, which are magnifications, not classes"),
        (("a/1.png",), "at least two folders of images, named after the classes; it has 1"),
        (("train/1.png", "test/2.png"), "folders of splits, but none of classes inside them"),
    ],
)
def test_folders_that_are_no_classes_are_refused(write_images, names, message):
    with pytest.raises(ValueError, match=message):
        read(write_images(*names))


def test_masks_beside_images_are_their_masks(write_images):
    root = write_images("a/x (1).png", "a/x (1)_mask.png", "a/x (1)_mask_1.png", "b/y.png", "b/with_mask.png")
    found = read(root)
    masks = {s.image_id: s.mask and s.mask.name for s in found.samples}
    assert masks == {"a/x (1).png": "x (1)_mask.png", "b/y.png": None, "b/with_mask.png": None}
    assert found.left_out == {"a/x (1)_mask_1.png": "it is a second mask of a/x (1).png"}


def test_masks_of_compressed_volumes(write_images):
    root = write_images("a/1.nii.gz", "a/1_mask.nii.gz", "b/2.2.nii.gz", "b/2.2_seg.nii.gz")
    masks = {s.image_id: s.mask and s.mask.name for s in read(root).samples}
    assert masks == {"a/1.nii.gz": "1_mask.nii.gz", "b/2.2.nii.gz": "2.2_seg.nii.gz"}


def test_masks_in_a_folder_of_their_own(write_images):
    root = write_images("images/a/1.png", "images/b/2.nii.gz", "masks/a/1.png", "masks/b/2_segmentation.nii.gz")
    masks = {s.image_id: s.mask and s.mask.short for s in read(root).samples}
    assert masks == {"a/1.png": "masks/a/1.png", "b/2.nii.gz": "masks/b/2_segmentation.nii.gz"}


def test_numbered_classes_are_sorted_as_numbers_and_names_trimmed(write_images):
    root = write_images("10/1.png", "9/2.png", "2/3.png", "2 /4.png")
    assert read(root).classes == ["2", "9", "10"]


def test_dangling_links_and_classes_that_would_vanish_are_problems(write_images):
    root = write_images("a/1.png", "b/2.png")
    (root / "c").mkdir()
    (root / "c" / "3.png").symlink_to(root / "nowhere")
    found = read(root)
    assert texts(found, "paths that cannot be read") == [f"{root}/c/3.png (it is a link that leads nowhere)"]
    assert texts(found, "folders without an image that can be read") == [f"{root}/c"]


def test_groups_from_file_names(write_images):
    root = write_images("a/P1_1.png", "a/P1_2.png", "b/P2_1.png", "b/other.png")
    found = read(root, group_pattern=r"(P\d+)_")
    assert {s.image_id: s.lesion_id for s in found.samples} == {
        "a/P1_1.png": "P1",
        "a/P1_2.png": "P1",
        "b/P2_1.png": "P2",
    }
    assert texts(found, "images whose names do not match the group pattern") == ["b/other.png"]
    with pytest.raises(ValueError, match="is not a regular expression"):
        read(root, group_pattern="(")
    with pytest.raises(ValueError, match=r"matches no file name, such as a/P1_1\.png"):
        read(root, group_pattern="Z")


def test_images_outside_the_class_folders_are_named(write_images):
    root = write_images("a/1.png", "b/2.png", "loose.png")
    assert texts(read(root), "images outside the class folders") == ["loose.png"]
