import io
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from pydicom.dataset import Dataset

from custom.data.decoded_image import UnreadableImageError
from custom.explorer import Subject, check_upload
from custom.explorer.subject import MAX_BYTES, MAX_PIXELS
from tests.deploy.dicom_files import colors, content, photograph


def claimed_png(width, height):
    """The first bytes of a PNG, which claim a size and hold nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 9) + b"IDAT"


def claimed_dicom(rows, columns):
    dataset: Dataset = photograph(colors())
    dataset.Rows, dataset.Columns = rows, columns
    return content(dataset)


def encoded(form):
    file = io.BytesIO()
    Image.fromarray(colors(8, 8)).save(file, form)
    return file.getvalue()


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.dcm", "no-suffix"])
def test_jpeg_png_and_dicom_are_read_alike(name, tmp_path, standard):
    form = {"a.jpg": "JPEG", "a.png": "PNG"}.get(name)
    path = tmp_path / name
    path.write_bytes(encoded(form) if form else content(photograph(colors(8, 8))))
    check_upload(path)
    image = Subject.read(path, [standard]).images["standard"]
    assert image.shape == (1, 3, 8, 8)
    wanted = torch.from_numpy(colors(8, 8) / 255).movedim(-1, 0).float()
    tolerance = 0.2 if form == "JPEG" else 1e-6
    torch.testing.assert_close(image[0], wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", r"a\.png cannot be shown: it is empty\."),
        (b"hello", r"a\.png cannot be shown: it is not an image that can be read .*\."),
        (encoded("PNG")[:60], r"a\.png cannot be shown: it is damaged .*\."),
    ],
)
def test_what_is_no_image_is_said_in_one_sentence(data, reason, tmp_path, standard):
    path = tmp_path / "a.png"
    path.write_bytes(data)
    check_upload(path)
    with pytest.raises(UnreadableImageError, match=reason):
        Subject.read(path, [standard])


def test_deep_images_do_not_fit_a_window_of_8_bits(tmp_path, standard):
    path = tmp_path / "a.png"
    Image.fromarray(np.full((8, 8), 4000, dtype=np.uint16)).save(path)
    with pytest.raises(UnreadableImageError, match="16 bits per sample, but the intensity window is for 8 bits"):
        Subject.read(path, [standard])


@pytest.mark.parametrize("data", [claimed_png(6000, 6000), claimed_png(60000, 60000), claimed_dicom(6000, 6000)])
def test_huge_images_are_refused_before_they_are_decoded(data, tmp_path):
    path = tmp_path / "bomb"
    path.write_bytes(data)
    assert len(data) < 2000
    with pytest.raises(UnreadableImageError, match=r"bomb cannot be shown: it has .* pixels, and at most 25 million"):
        check_upload(path)


@pytest.mark.parametrize("data", [claimed_png(5000, 5000), claimed_dicom(5000, 5000)])
def test_large_images_within_the_limit_pass(data, tmp_path):
    assert MAX_PIXELS == 5000 * 5000
    path = tmp_path / "large"
    path.write_bytes(data)
    check_upload(path)


def test_large_files_are_refused(tmp_path):
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UnreadableImageError, match=r"a\.png cannot be shown: it has 21 MiB, and at most 20 MiB"):
        check_upload(path)
