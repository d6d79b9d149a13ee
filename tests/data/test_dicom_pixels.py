from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("pydicom", reason="pydicom reads DICOM")

import io
import re

from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from custom.data.decoded_image import UnreadableImageError
from custom.data.dicom_pixels import decode_dicom, decode_frame
from custom.data.image_format import HEAD_BYTES, identify
from tests.deploy.dicom_files import colors, content, encoded, photograph


def decoded(pixels: np.ndarray, *arguments: Any, **attributes: Any) -> np.ndarray:
    dataset = photograph(pixels, *arguments, **attributes)
    return decode_frame(dataset, UID(dataset.file_meta.TransferSyntaxUID))


def as_ycbcr(pixels: np.ndarray) -> np.ndarray:
    return np.array(Image.fromarray(pixels).convert("YCbCr"))


def by_pillow(frame: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(frame)).convert("RGB"))


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_rgb_keeps_its_values(syntax: UID) -> None:
    assert np.array_equal(decoded(colors(), None, syntax), colors())


def test_big_endian_words_of_bytes_keep_their_order() -> None:
    assert np.array_equal(decoded(colors(), None, ExplicitVRBigEndian), colors())


def test_planes_one_after_the_other_become_pixels() -> None:
    planes = np.ascontiguousarray(colors().transpose(2, 0, 1)).tobytes()
    assert np.array_equal(decoded(colors(), PixelData=planes, PlanarConfiguration=1), colors())


def test_ybr_full_becomes_what_libjpeg_makes_of_it() -> None:
    found = decoded(as_ycbcr(colors()), photometric="YBR_FULL")
    wanted = np.array(Image.fromarray(as_ycbcr(colors()), "YCbCr").convert("RGB"))
    assert np.abs(found.astype(int) - wanted).max() <= 1


def test_ybr_full_422_spreads_its_colors_over_two_pixels() -> None:
    full = as_ycbcr(np.repeat(colors(12, 8), 2, axis=1))
    pairs = full.reshape(12, 8, 2, 3)
    # Y, Y, Cb, Cr of every two pixels.
    packed = np.concatenate([pairs[..., 0], pairs[..., :1, 1], pairs[..., :1, 2]], axis=-1)
    found = decoded(full, photometric="YBR_FULL_422", PixelData=packed.tobytes())
    assert np.array_equal(found, decoded(full, photometric="YBR_FULL"))


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_baseline_jpeg_equals_pillow(subsampling: int) -> None:
    frame = encoded(colors(45, 60), subsampling=subsampling)
    found = decoded(colors(45, 60), frame, JPEGBaseline8Bit, "YBR_FULL_422")
    assert np.array_equal(found, by_pillow(frame))


def test_a_jpeg_of_rgb_components_is_believed_whoever_says_so() -> None:
    marked = encoded(colors(), keep_rgb=True, subsampling=0, quality=100)
    assert np.abs(decoded(colors(), marked, JPEGBaseline8Bit, "RGB").astype(int) - colors()).max() <= 3
    # The same values under the components' usual names, with the JFIF marker taken away.
    file = io.BytesIO()
    Image.fromarray(colors(), "YCbCr").save(file, "JPEG", quality=100, subsampling=0)
    jfif = file.getvalue()
    length = int.from_bytes(jfif[4:6], "big")
    assert jfif[2:4] == b"\xff\xe0"
    unmarked = jfif[:2] + jfif[4 + length :]
    assert np.abs(decoded(colors(), unmarked, JPEGBaseline8Bit, "RGB").astype(int) - colors()).max() <= 3
    assert np.abs(decoded(colors(), jfif, JPEGBaseline8Bit, "RGB").astype(int) - by_pillow(jfif)).max() == 0


def test_jpeg_2000_undoes_its_color_transform() -> None:
    plain = {"format": "JPEG2000", "no_jp2": True}
    reversible, none = (encoded(colors(), **plain, mct=mct) for mct in (1, 0))
    assert np.array_equal(decoded(colors(), reversible, JPEG2000Lossless, "YBR_RCT"), colors())
    assert np.array_equal(decoded(colors(), none, JPEG2000Lossless, "RGB"), colors())
    irreversible = encoded(colors(), **plain, mct=1, irreversible=True)
    assert np.abs(decoded(colors(), irreversible, JPEG2000, "YBR_ICT").astype(int) - colors()).max() <= 2
    ybr = encoded(as_ycbcr(colors()), **plain, mct=0)
    found = decoded(colors(), ybr, JPEG2000Lossless, "YBR_FULL")
    assert np.array_equal(found, decoded(as_ycbcr(colors()), photometric="YBR_FULL"))


def test_run_length_encoding() -> None:
    dataset = photograph(colors())
    dataset.compress(RLELossless)
    assert np.array_equal(decode_frame(dataset, RLELossless), colors())


def test_jpeg_ls() -> None:
    pytest.importorskip("jpeg_ls", reason="it is in the application's own environment, deploy/.venv")
    dataset = photograph(colors())
    dataset.compress(JPEGLSLossless)
    assert np.array_equal(decode_frame(dataset, JPEGLSLossless), colors())


@pytest.mark.parametrize("syntax", [JPEGLosslessSV1, UID("1.2.840.10008.1.2.4.100"), UID("1.2.3")])
def test_an_unsupported_transfer_syntax_is_named(syntax: UID) -> None:
    with pytest.raises(UnreadableImageError, match=re.escape(f"{syntax.name} is not supported")):
        decoded(colors(), b"\0" * 8, syntax)


@pytest.mark.parametrize(
    ("frame", "syntax"),
    [
        (encoded(colors(45, 60))[:400], JPEGBaseline8Bit),
        (encoded(colors(), format="JPEG2000", no_jp2=True)[:60], JPEG2000Lossless),
        (b"no image", JPEGBaseline8Bit),
    ],
)
def test_a_damaged_stream_is_refused(frame: bytes, syntax: UID) -> None:
    with pytest.raises(UnreadableImageError, match="pixel data are damaged"):
        decoded(colors(45, 60), frame, syntax)


def test_missing_pixels_and_other_sizes_are_refused() -> None:
    with pytest.raises(UnreadableImageError, match="pixel data are damaged"):
        decoded(colors(), PixelData=b"\0" * 10)
    with pytest.raises(UnreadableImageError, match=r"an array of \(12, 16, 3\), but its header says \(45, 60, 3\)"):
        decoded(colors(45, 60), encoded(colors()), JPEGBaseline8Bit)
    with pytest.raises(UnreadableImageError, match="mode L instead of RGB"):
        decoded(colors(), encoded(colors()[..., 0]), JPEGBaseline8Bit)


def monochrome(values: np.ndarray, **attributes: Any) -> Any:
    values = np.asarray(values)
    bits = 8 * values.dtype.itemsize
    given = {"BitsAllocated": bits, "BitsStored": bits, "HighBit": bits - 1, "SamplesPerPixel": 1}
    given["PixelRepresentation"] = int(values.dtype.kind == "i")
    dataset = photograph(np.zeros((*values.shape, 1), np.uint8), photometric="MONOCHROME2", PlanarConfiguration=None)
    for keyword, value in {**given, "PixelData": values.tobytes(), **attributes}.items():
        setattr(dataset, keyword, value)
    dataset["PixelData"].VR = "OW" if bits == 16 else "OB"
    return decode_dicom(content(dataset))


def test_monochrome_keeps_its_bits() -> None:
    values = np.array([[0, 1000], [40000, 65535]], np.uint16)
    image = monochrome(values)
    assert (image.bits, image.format, image.pixels.tolist()) == (16, "DICOM", values.tolist())
    assert monochrome(values.astype(np.uint8)).bits == 8
    assert "PixelData" not in image.header


def test_hounsfield_units_come_from_the_rescaling() -> None:
    image = monochrome(np.array([[0, 1024]], np.uint16), BitsStored=12, RescaleSlope=2, RescaleIntercept=-1024)
    assert (image.bits, image.pixels.tolist()) == (16, [[-1024, 1024]])


def test_larger_is_brighter_whatever_the_header_says() -> None:
    image = monochrome(np.array([[0, 4095]], np.uint16), BitsStored=12, PhotometricInterpretation="MONOCHROME1")
    assert image.pixels.tolist() == [[4095, 0]]
    signed = monochrome(np.array([[-32768, 32767]], np.int16), PhotometricInterpretation="MONOCHROME1")
    assert signed.pixels.tolist() == [[32767, -32768]]


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"BitsStored": 7}, "8 bits per sample, of which 7 are used, which cannot be read"),
        ({"PixelRepresentation": 1}, "with a sign"),
        ({"NumberOfFrames": 2}, "it has 2 frames"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "an index of colors, whose palette is missing"),
        ({"PhotometricInterpretation": "ARGB"}, "ARGB with 1 samples per pixel"),
    ],
)
def test_monochrome_images_that_cannot_be_read(attributes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason):
        monochrome(np.zeros((2, 2), np.uint8), **attributes)


def palette(bits: int, scale: int) -> dict[str, Any]:
    """Three colors as the lookup tables of a header."""
    tables = {"Red": (0, 10, 255), "Green": (0, 20, 128), "Blue": (0, 30, 1)}
    kind = np.uint8 if bits == 8 else np.uint16
    found: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, values in tables.items():
        padded = (*values, 0)  # of an even length
        found[f"{name}PaletteColorLookupTableDescriptor"] = [4, 0, bits]
        found[f"{name}PaletteColorLookupTableData"] = (np.array(padded, kind) * scale).astype(kind).tobytes()
    return found


@pytest.mark.parametrize(("bits", "scale"), [(8, 1), (16, 257)])
def test_a_palette_becomes_its_colors(bits: int, scale: int) -> None:
    image = monochrome(np.array([[0, 1], [2, 1]], np.uint8), **palette(bits, scale))
    assert (image.bits, image.pixels.dtype) == (8, np.uint8)
    assert image.pixels.tolist() == [[[0, 0, 0], [10, 20, 30]], [[255, 128, 1], [10, 20, 30]]]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_files_without_a_preamble_are_read(syntax: UID) -> None:
    whole = content(photograph(colors(), None, syntax))
    bare = whole[132:]  # begins with the file's meta information
    group_length = 12 + int.from_bytes(bare[8:12], "little")
    for stored in (bare, bare[group_length:]):
        assert identify(stored[:HEAD_BYTES]) == "DICOM"
        assert np.array_equal(decode_dicom(stored).pixels, colors())


def test_text_is_not_taken_for_a_bare_data_set() -> None:
    assert identify(b"\x08\0\x05\0hello world" + bytes(100)) is None
    assert identify(b"\x02\0" + bytes(300)) is None
