"""BreakHis, MedMNIST, datalists and DICOM."""

import json

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("pydicom", reason="pydicom reads DICOM")

from custom.data.intensity import IntensityWindow
from tests.data.forms.reading import read, texts
from tests.deploy.dicom_files import colors, photograph, write

BREAKHIS = {
    "benign/SOB/adenosis/SOB_B_A_14-22549AB/40X/SOB_B_A-14-22549AB-40-001.png": ("benign", "14-22549AB"),
    "benign/SOB/adenosis/SOB_B_A_14-22549AB/100X/SOB_B_A-14-22549AB-100-001.png": ("benign", "14-22549AB"),
    "malignant/SOB/ductal_carcinoma/SOB_M_DC_14-2523/40X/SOB_M_DC-14-2523-40-010.png": ("malignant", "14-2523"),
}


def test_breakhis_by_its_file_names(write_images):
    root = write_images(*BREAKHIS)
    found = read(root)
    assert found.form == "BreakHis, 2 classes"
    assert sorted((found.classes[s.label], s.lesion_id) for s in found.samples) == sorted(BREAKHIS.values())
    assert found.grouped_by == "patient"
    assert len(read(root, magnification=40).samples) == 2
    assert "its magnification is 100" in read(root, magnification=40).left_out.values()
    with pytest.raises(ValueError, match="No image has the magnification 400: there are 40, 100"):
        read(root, magnification=400)
    with pytest.raises(ValueError, match="No image of fibroadenoma, phyllodes tumor"):
        read(root, breakhis="types")


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3)])
def test_medmnist_keeps_images_labels_and_splits(tmp_path, shape):
    rng = np.random.default_rng(0)
    arrays = {}
    for split, number in (("train", 6), ("val", 2), ("test", 3)):
        arrays[f"{split}_images"] = rng.integers(0, 256, (number, *shape), dtype=np.uint8)
        arrays[f"{split}_labels"] = np.arange(number, dtype=np.uint8)[:, None] % 2
    np.savez_compressed(tmp_path / "pathmnist.npz", **arrays)
    (tmp_path / "out").mkdir()
    found = read(tmp_path / "pathmnist.npz", folder=tmp_path / "out", class_names=["no", "yes"])
    assert found.classes == ["no", "yes"]
    assert [s.split for s in found.samples] == ["training"] * 6 + ["validation"] * 2 + ["test"] * 3
    assert [s.label for s in found.samples] == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert np.array_equal(np.array(Image.open(found.samples[7].image.path)), arrays["val_images"][1])


def test_medmnist_volumes_are_written_as_nifti(tmp_path):
    import nibabel

    values = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 7), dtype=np.uint8)
    arrays = {f"{split}_images": values for split in ("train", "val", "test")}
    arrays |= {f"{split}_labels": np.array([[0], [1]]) for split in ("train", "val", "test")}
    np.savez(tmp_path / "organmnist3d.npz", **arrays)
    (tmp_path / "out").mkdir()
    found = read(tmp_path / "organmnist3d.npz", folder=tmp_path / "out")
    assert np.array_equal(nibabel.load(found.samples[3].image.path).get_fdata(), values[1])


def test_medmnist_with_several_labels_or_cut_is_refused(tmp_path):
    images = np.zeros((2, 28, 28), np.uint8)
    arrays = {f"{split}_images": images for split in ("train", "val", "test")}
    arrays |= {f"{split}_labels": np.zeros((2, 14), np.uint8) for split in ("train", "val", "test")}
    np.savez(tmp_path / "chestmnist.npz", **arrays)
    with pytest.raises(ValueError, match="has 14 labels per image, but one is needed"):
        read(tmp_path / "chestmnist.npz", folder=tmp_path)
    np.savez(tmp_path / "x.npz", train_images=images, train_labels=np.zeros((2, 1), np.uint8))
    with pytest.raises(ValueError, match="is not a complete MedMNIST file"):
        read(tmp_path / "x.npz", folder=tmp_path)


def test_a_datalist_that_others_wrote(write_images):
    root = write_images("1.png", "2.png", "3.png")
    items = [{"image": "./1.png", "label": 1, "patient_id": 7}, {"image": "2.png", "label": "a"}]
    content = {"labels": {"0": "a", "1": "b"}, "training": items, "test": ["3.png"]}
    (root / "dataset.json").write_text(json.dumps(content))
    found = read(root)
    assert [(s.image_id, s.label, s.lesion_id, s.split) for s in found.samples] == [
        ("1.png", 1, "7", "training"),
        ("2.png", 0, "2.png", "training"),
    ]
    assert found.window is None
    (root / "dataset.json").write_text(json.dumps({**content, "intensity": {"bits": 8, "low": 0, "high": 99}}))
    assert read(root).window == IntensityWindow(8, 0, 99)
    assert found.left_out == {"3.png": "it has no image or label in 'test'"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "is not a datalist"),
        ('{"training": [{"image": "1.png", "label": 0, "attributes": "x"}]}', "has no proper image or attributes"),
        ('{"training": [{"image": "1\\u0000.png", "label": 0}]}', "has no proper image or attributes"),
        ('{"intensity": 5, "training": [{"image": "1.png", "label": 0}]}', "The intensity window is 5"),
        ('{"training": [{"image": "1.png", "label": [1]}]}', "it is not a datalist of a classification"),
        ('{"labels": {"0": "a"}, "training": [{"image": "1.png", "label": 4}]}', "the label 4, which should be"),
        ('{"labels": {"1": "a"}, "training": []}', 'numbered from "0"'),
    ],
)
def test_faulty_datalists(write_images, content, message):
    root = write_images("1.png")
    (root / "datalist.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        read(root)


def test_dicom_files_with_labels_in_their_headers(tmp_path):
    for number, part in enumerate(("ARM", "LEG", "ARM", "")):
        write(
            photograph(colors(), BodyPartExamined=part, PatientID=f"P{number // 2}"), tmp_path / "in" / f"{number}.ima"
        )
    with pytest.raises(ValueError, match=r"holds DICOM files in no folders of classes; .* --label-attribute"):
        read(tmp_path / "in")
    found = read(tmp_path / "in", label_attribute="BodyPartExamined")
    assert [(found.classes[s.label], s.lesion_id) for s in found.samples] == [
        ("ARM", "P0"),
        ("LEG", "P0"),
        ("ARM", "P1"),
    ]
    assert texts(found, "images without BodyPartExamined") == ["3.ima"]
    with pytest.raises(ValueError, match="at least two different values of Modality; found XC"):
        read(tmp_path / "in", label_attribute="Modality")


def test_an_empty_folder_says_what_it_could_be(tmp_path):
    with pytest.raises(ValueError, match=r"is empty\. It can be: folders of classes"):
        read(tmp_path)
