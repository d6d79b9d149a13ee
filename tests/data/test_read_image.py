import io
import zlib

import numpy as np
import pytest
import torch
from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged, Resized
from PIL import Image

from custom.data.decoded_image import UnreadableImageError
from custom.data.image_format import identify
from custom.data.intensity import IntensityWindow
from custom.data.load_image import LoadMedicalImaged
from custom.data.read_image import decode_image, read_image


def colors(height=7, width=9):
    return np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3)


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "JPEG", "GIF", "JPEG2000"])
def test_formats_show_in_the_content(kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(Image.fromarray(colors()), kind, **options)
    image = decode_image(content)
    assert (image.format, image.bits, image.stored_bytes) == (kind, 8, len(content))
    assert np.array_equal(image.pixels, np.array(Image.open(io.BytesIO(content)).convert("RGB")))
    if kind not in ("JPEG", "GIF"):
        assert np.array_equal(image.pixels, colors())


def test_eight_bit_images_are_loaded_as_by_monais_own_reader(tmp_path):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (45, 60, 3), dtype=np.uint8)).save(tmp_path / "a.jpg")
    Image.fromarray(rng.integers(0, 256, (45, 60), dtype=np.uint8)).save(tmp_path / "b.png")
    resize = Resized("image", (32, 32), mode="area")
    stock = Compose(
        [
            LoadImaged(
                "image",
                reader="PILReader",
                reverse_indexing=False,
                converter=lambda image: image.convert("RGB"),
                image_only=True,
            ),
            EnsureChannelFirstd("image", channel_dim=-1),
        ]
    )
    for name in ("a.jpg", "b.png"):
        item = {"image": str(tmp_path / name)}
        expected, found = stock(item)["image"], LoadMedicalImaged("image")(item)["image"]
        assert found.dtype == torch.float32
        assert torch.equal(found, expected.as_tensor())
        assert found.stride() == expected.stride()
        assert torch.equal(resize({"image": found})["image"], resize({"image": expected})["image"].as_tensor())


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_gray_keeps_its_values(kind):
    values = np.array([[0, 9000, 38000], [65535, 256, 255]], np.uint16)
    image = decode_image(encoded(Image.fromarray(values), kind))
    assert image.bits == 16
    assert np.array_equal(image.pixels, values)
    assert image.rgb.shape == (2, 3, 3)


def test_float_and_32_bit_tiff_keep_their_values():
    floats = np.array([[-0.5, 0.25], [3.5, 1e6]], np.float32)
    assert np.array_equal(decode_image(encoded(Image.fromarray(floats), "TIFF")).pixels, floats)
    whole = np.array([[-70000, 1], [2, 70000]], np.int32)
    image = decode_image(encoded(Image.fromarray(whole), "TIFF"))
    assert (image.bits, image.pixels.tolist()) == (32, whole.tolist())


def test_alpha_is_composed_on_white():
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, :, 3] = (0, 51, 255)
    expected = [[255, 255, 255], [204, 204, 204], [0, 0, 0]]
    assert decode_image(encoded(Image.fromarray(rgba))).pixels[0].tolist() == expected
    gray = Image.fromarray(rgba).convert("LA")
    assert decode_image(encoded(gray)).pixels.tolist() == [[255, 204, 0]]
    palette = Image.new("P", (1, 1))
    assert decode_image(encoded(palette, transparency=0)).pixels.tolist() == [[[255, 255, 255]]]


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    content = encoded(Image.fromarray(colors()), "PNG", exif=exif)
    assert np.array_equal(decode_image(content).pixels, np.rot90(colors(), -1))


def test_one_bit_images_are_black_and_white():
    image = decode_image(encoded(Image.fromarray(np.array([[True, False]]))))
    assert image.pixels.tolist() == [[255, 0]]


def sixteen_bit_colors():
    """A PNG of one pixel with 16 bits per channel, which Pillow reads but does not write."""

    def chunk(name, data):
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    header = (1).to_bytes(4) + (1).to_bytes(4) + bytes([16, 2, 0, 0, 0])
    pixels = zlib.compress(b"\0" + bytes(6))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def nifti():
    head = bytearray(352)
    head[:4], head[344:348] = (348).to_bytes(4, "little"), b"n+1\0"
    return bytes(head)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html>", r"it is not an image that can be read \(JPEG, PNG, TIFF"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "it is a Git LFS pointer"),
        (nifti(), "it is a NIfTI volume"),
        (encoded(Image.new("RGB", (90, 70)), "JPEG")[:-100], "it is damaged .*truncated"),
        (b"\xff\xd8\xff" + bytes(50), "it is damaged"),
        (sixteen_bit_colors(), "it has 16 bits per color channel"),
        (
            encoded(Image.new("L", (4, 4)), "TIFF", save_all=True, append_images=[Image.new("L", (4, 4), 9)]),
            "it has 2 frames",
        ),
        (encoded(Image.new("LAB", (4, 4)), "TIFF"), "its colors are LAB"),
    ],
)
def test_what_is_no_single_image_is_refused_in_one_sentence(content, reason):
    with pytest.raises(UnreadableImageError, match=reason) as caught:
        decode_image(content)
    assert "\n" not in str(caught.value)


def test_the_transform_names_the_file_and_holds_to_the_window(tmp_path):
    Image.new("I;16", (4, 3), 40000).save(tmp_path / "a.png")
    with pytest.raises(UnreadableImageError, match=r"a\.png: it has 16 bits per sample, but the intensity window is"):
        LoadMedicalImaged("image")({"image": tmp_path / "a.png"})
    assert LoadMedicalImaged("image", bits=16)({"image": tmp_path / "a.png"})["image"].unique().tolist() == [40000]
    with pytest.raises(UnreadableImageError, match="there is no such file"):
        read_image(tmp_path / "none")


def test_identify_does_not_take_text_for_an_image():
    assert identify(b"BMP is a format of images that" + bytes(200)) is None
    assert identify(b"PK\x03\x04") is None
    assert identify(bytes(128) + b"DICM") == "DICOM"
    assert identify(nifti()) == "NIFTI"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"bits": 12, "low": 0, "high": 1}, "12 bits; it must be 8, 16 or 32"),
        ({"bits": 16, "low": 5, "high": 5}, "from 5 to 5; low must be below high"),
        ({"bits": 16, "low": 0, "high": float("nan")}, "high is nan"),
        ({"bits": 8, "low": 0, "high": 65535}, "must lie within 0 to 255"),
        ({"low": 0, "high": 1}, "it must be written as"),
        ([0, 1], "it must be written as"),
    ],
)
def test_windows_that_make_no_sense(written, message):
    with pytest.raises(ValueError, match=message):
        IntensityWindow.from_mapping(written)
