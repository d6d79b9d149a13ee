"""The check that a training begins with finds what needs no decoding, and stops what would give wrong figures."""

import io

import numpy as np
import pytest
from PIL import Image

from custom.data.check_images import examine
from custom.data.image_header import read_header, read_series_header
from custom.data.quick_check import check_before_training, quick_check
from tests.data.small_set import write_small_set


def noise(seed, shape=(6, 8, 3), kind=np.uint8):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, shape, dtype=kind))


@pytest.fixture
def folder(tmp_path):
    return write_small_set(tmp_path, noise, "{split} {number}")


def test_good_data_pass_without_a_word(folder, capsys):
    check_before_training(str(folder / "datalist.json"))
    assert capsys.readouterr().err == ""
    report = quick_check(folder)
    assert report.counts["test"] == {"a": 2, "b": 2}
    assert report.properties["size"] == {"8 x 6": 12}


def test_a_leak_stops_a_training_by_name(folder, capsys):
    (folder / "test0.png").write_bytes((folder / "training2.png").read_bytes())
    with pytest.raises(ValueError, match="pass --check_data False to train on it as it is"):
        check_before_training(str(folder / "datalist.json"))
    assert capsys.readouterr().err == ("error: identical files in different splits (1): training2.png = test0.png\n")


def test_one_file_of_two_patients_is_told_and_trained_on(folder, capsys):
    (folder / "training2.png").write_bytes((folder / "training0.png").read_bytes())
    check_before_training(str(folder / "datalist.json"))
    assert capsys.readouterr().err == (
        "warning: identical files of different groups (1): training0.png = training2.png\n"
    )


def test_files_that_are_no_images_stop_a_training(folder, capsys):
    (folder / "validation1.png").write_bytes(b"hello")
    with pytest.raises(ValueError, match="has the errors listed above"):
        check_before_training(str(folder / "datalist.json"))
    assert "images that cannot be read (1): validation1.png (it is not an image" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        (noise(0), "PNG", {}),
        (noise(0, (6, 8)), "TIFF", {}),
        (noise(0, (6, 8), np.uint16), "PNG", {}),
        (noise(0).convert("P"), "GIF", {}),
        (Image.new("F", (8, 6), 0.5), "TIFF", {}),
        (noise(0), "WEBP", {"lossless": True}),
        (noise(0), "JPEG", {"exif": {0x0112: 6}}),
    ],
)
def test_headers_tell_what_decoding_tells(image, kind, options):
    if "exif" in options:
        exif = Image.Exif()
        exif.update(options["exif"])
        options = {"exif": exif}
    stored = io.BytesIO()
    image.save(stored, kind, **options)
    header, decoded = read_header(stored.getvalue()), examine(stored.getvalue())
    for name in ("size", "bits", "channels", "format", "sha256", "orientation", "stored_bytes"):
        assert getattr(header, name) == getattr(decoded, name), name


def test_headers_of_dicom_files_tell_the_same():
    pytest.importorskip("pydicom", reason="pydicom reads DICOM")
    from tests.deploy.dicom_files import colors, content, photograph

    stored = content(photograph(colors(), PatientID="P7"))
    header, decoded = read_header(stored), examine(stored)
    for name in ("size", "bits", "channels", "format", "sha256", "patient"):
        assert getattr(header, name) == getattr(decoded, name), name


def test_copies_of_a_series_have_one_hash(tmp_path):
    for name, slices in (("a", (b"1", b"22")), ("b", (b"1", b"22")), ("c", (b"1", b"23"))):
        (tmp_path / name).mkdir()
        for number, content in enumerate(slices):
            (tmp_path / name / f"{number}.dcm").write_bytes(content)
    first, copy, other = (read_series_header(tmp_path / name) for name in "abc")
    assert (first.format, first.stored_bytes) == ("DICOM series", 3)
    assert first == copy
    assert first.sha256 != other.sha256
