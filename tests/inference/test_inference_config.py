"""The inference config on files of all kinds, and next to what training does."""

import csv
import json
import os

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.engines import SupervisedEvaluator
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid

from custom.data import load_datalist
from custom.networks import TorchvisionClassifier

NAMES = ["MEL", "BKL", "NV"]


@pytest.fixture(scope="module")
def pixels():
    ramp = np.linspace(0, 255, 40, dtype=np.uint8)
    return np.stack(
        [np.tile(ramp, (30, 1)), np.tile(ramp[:30, None], (1, 40)), np.full((30, 40), 90, np.uint8)], axis=-1
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "model.pt"
    torch.save(TorchvisionClassifier("squeezenet1_1", 3).state_dict(), path)
    return path


@pytest.fixture
def config(root, weights, tmp_path):
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "inference.json")
    given = {"backbone": "squeezenet1_1", "image_size": 32, "class_names": NAMES, "num_workers": 0, "device": "cpu"}
    given["crop"] = given["spacing"] = None
    given["intensity"] = {"bits": 8, "low": 0, "high": 255}
    parser.update({**given, "checkpoint": str(weights), "output_dir": str(tmp_path / "out"), "batch_size": 4})
    return parser


def write_dicom(path, array, photometric="RGB", encoded=None):
    item = Dataset()
    item.file_meta = FileMetaDataset()
    item.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if encoded else ExplicitVRLittleEndian
    item.file_meta.MediaStorageSOPClassUID = item.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.4"
    item.file_meta.MediaStorageSOPInstanceUID = item.SOPInstanceUID = generate_uid()
    item.Rows, item.Columns = array.shape[:2]
    item.SamplesPerPixel = 1 if array.ndim == 2 else 3
    item.PhotometricInterpretation = photometric
    if array.ndim == 3:
        item.PlanarConfiguration = 0
    item.BitsAllocated = item.BitsStored = 8 * array.dtype.itemsize
    item.HighBit, item.PixelRepresentation = item.BitsStored - 1, 0
    item.PixelData = encapsulate([encoded]) if encoded else array.tobytes()
    if encoded:
        item["PixelData"].is_undefined_length = True
    item.save_as(path, enforce_file_format=True)


def rows_of(folder):
    return {row["image"].rpartition("/")[2]: row for row in csv.DictReader((folder / "predictions.csv").open())}


def test_files_of_all_kinds_in_one_run(config, pixels, tmp_path):
    images = tmp_path / "images"
    (images / "deep").mkdir(parents=True)
    Image.fromarray(pixels).save(images / "a.png")
    Image.fromarray(pixels).save(images / "b.jpg", quality=100, subsampling=0)
    Image.fromarray(pixels).convert("RGBA").save(images / "c.png")
    write_dicom(images / "d.dcm", pixels)
    write_dicom(images / "deep" / "e", pixels)
    write_dicom(images / "f.dcm", pixels, "YBR_FULL_422", (images / "b.jpg").read_bytes())
    (images / "g.jpg").write_text("no image")
    (images / "h.jpg").write_bytes((images / "b.jpg").read_bytes()[:-100])
    write_dicom(images / "i.dcm", pixels[..., 0].copy(), "MONOCHROME2")
    write_dicom(images / "j.dcm", pixels.astype(np.uint16) * 200)
    Image.new("I;16", (40, 30), 40000).save(images / "k.png")
    (images / "notes.txt").write_text("x")
    (images / "c.png").rename(images / os.fsdecode(b"c\xe4.png"))
    config["dataset_dir"] = str(images)
    evaluator = config.get_parsed_content("evaluator")
    assert type(evaluator) is SupervisedEvaluator
    evaluator.run()
    rows = rows_of(tmp_path / "out")
    assert list(rows) == [
        "a.png",
        "b.jpg",
        "c\\xe4.png",
        "d.dcm",
        "e",
        "f.dcm",
        "g.jpg",
        "h.jpg",
        "i.dcm",
        "j.dcm",
        "k.png",
    ]
    errors = {name: row["error"] for name, row in rows.items() if row["error"]}
    assert list(errors) == ["g.jpg", "h.jpg", "j.dcm", "k.png"]
    assert errors["g.jpg"].startswith("it is not an image that can be read (JPEG, PNG, TIFF")
    assert "truncated" in errors["h.jpg"]
    assert errors["j.dcm"].startswith("it has 16 bits per sample, of which 16 are used: only 8 unsigned bits per color")
    assert errors["k.png"] == "it has 16 bits per sample, but the intensity window is for 8 bits"
    lossless, lossy = ("c\\xe4.png", "d.dcm", "e"), ("b.jpg", "f.dcm")
    for name in (*lossless, *lossy):
        for column in (f"probability_{key}" for key in NAMES):
            difference = abs(float(rows[name][column]) - float(rows["a.png"][column]))
            assert difference <= (1e-6 if name in lossless else 0.01)
    assert all(not rows[name]["prediction"] and not rows[name]["probability_NV"] for name in errors)
    content = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert content["classes"] == NAMES
    assert content["skipped"] == [{"file": str(images / "notes.txt"), "reason": "it is not an image"}]
    with pytest.raises(ValueError, match=r"4 of 11 files could not be .*, the first is .*g\.jpg: it is no"):
        config.get_parsed_content("predictions").require_all()
    for item, row in zip(content["images"], rows.values(), strict=True):
        assert item["image"] == row["image"]
        assert item.get("error", "") == row["error"]
        if "probabilities" in item:
            assert item["prediction"] == row["prediction"] == max(NAMES, key=item["probabilities"].get)


def test_a_list_with_a_missing_file(config, pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.png")
    config["dataset_dir"] = [str(tmp_path / "none.png"), str(tmp_path / "a.png")]
    config.get_parsed_content("evaluator").run()
    rows = rows_of(tmp_path / "out")
    assert rows["none.png"]["error"] == "there is no such file"
    assert rows["a.png"]["prediction"] in NAMES


def test_images_are_prepared_as_in_training(config, root, synthetic_data):
    train = ConfigParser()
    train.read_config(root / "bundle" / "configs" / "train.json")
    train["image_size"], train["dataset_dir"] = 32, str(synthetic_data)
    (item, *_) = load_datalist(synthetic_data, "test")
    trained = train.get_parsed_content("validate#preprocessing")(dict(item))["image"]
    inferred = config.get_parsed_content("preprocessing")(dict(item))["image"]
    assert trained.shape == (3, 32, 32)
    assert torch.equal(inferred, trained)


def test_probabilities_are_the_softmax_of_the_networks_logits(config, synthetic_data, tmp_path):
    items = load_datalist(synthetic_data, "test")[:3]
    config["dataset_dir"] = [item["image"] for item in items]
    config.get_parsed_content("evaluator").run()
    images = torch.stack([config.get_parsed_content("preprocessing")(item)["image"] for item in items])
    with torch.no_grad():
        expected = config.get_parsed_content("network").eval()(images).softmax(1)
    content = json.loads((tmp_path / "out" / "predictions.json").read_text())
    found = torch.tensor([[item["probabilities"][name] for name in NAMES] for item in content["images"]])
    torch.testing.assert_close(found, expected)


def test_names_that_do_not_fit_the_network(config, synthetic_data):
    config["class_names"] = ["A", "B"]
    config["network_def#num_classes"] = 3
    config["dataset_dir"] = [item["image"] for item in load_datalist(synthetic_data, "test")[:1]]
    with pytest.raises(ValueError, match="The network has 3 classes, but the names are"):
        config.get_parsed_content("evaluator").run()


def test_a_network_that_answers_nan_is_refused(config, weights, synthetic_data):
    config["dataset_dir"] = load_datalist(synthetic_data, "test")[0]["image"]
    with torch.no_grad():
        next(config.get_parsed_content("network").parameters()).fill_(float("nan"))
    with pytest.raises(ValueError, match=r"answer to .*\.jpg is not finite"):
        config.get_parsed_content("evaluator").run()


def test_formulas_in_names_stay_text_in_the_table(config, pixels, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(pixels).save("=1+1.png")
    config["dataset_dir"] = ["=1+1.png"]
    config["class_names"] = ["=HYPERLINK(1)", "@SUM(1)", "-b"]
    config.get_parsed_content("evaluator").run()
    (row,) = csv.DictReader((tmp_path / "out" / "predictions.csv").open())
    assert row["image"] == "'=1+1.png"
    assert row["prediction"][:2] in ("'=", "'@", "'-")
    (item,) = json.loads((tmp_path / "out" / "predictions.json").read_text())["images"]
    assert item["image"] == "=1+1.png"
