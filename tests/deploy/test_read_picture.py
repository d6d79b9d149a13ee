import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deploy.case import Lossy
from deploy.read_source import read_source
from deploy.refusal import RefusalError


def saved(folder: Path, image: Image.Image, name: str = "a.png", **options: object) -> Path:
    image.save(folder / name, **options)
    return folder / name


def rgb() -> Image.Image:
    return Image.fromarray(np.arange(7 * 9 * 3, dtype=np.uint8).reshape(7, 9, 3))


def test_a_png_keeps_its_pixels(tmp_path: Path) -> None:
    source = read_source(saved(tmp_path, rgb()), "a.png")
    assert np.array_equal(source.pixels, np.array(rgb()))
    assert (source.header, source.lossy, len(source.sha256)) == (None, None, 64)


def test_a_jpeg_is_known_to_be_lossy(tmp_path: Path) -> None:
    path = saved(tmp_path, rgb(), "a.jpg")
    source = read_source(path, "a.jpg")
    assert np.array_equal(source.pixels, np.array(Image.open(path).convert("RGB")))
    assert source.lossy == Lossy((round(7 * 9 * 3 / path.stat().st_size, 2),), ("ISO_10918_1",))


def test_palettes_and_transparency_become_rgb(tmp_path: Path) -> None:
    assert read_source(saved(tmp_path, rgb().quantize(256)), "a").pixels.shape == (7, 9, 3)
    assert np.array_equal(read_source(saved(tmp_path, rgb().convert("RGBA")), "a").pixels, np.array(rgb()))


def test_monochrome_images_get_three_equal_channels(tmp_path: Path) -> None:
    pixels = read_source(saved(tmp_path, rgb().convert("L")), "a").pixels
    assert np.array_equal(pixels, np.repeat(np.array(rgb().convert("L"))[..., None], 3, axis=-1))


def test_sixteen_bits_are_shown_by_the_window_and_kept_for_the_network(tmp_path: Path) -> None:
    values = np.array([[0, 1000], [2000, 4095]], np.uint16)
    path = saved(tmp_path, Image.fromarray(values))
    source = read_source(path, "a", {"bits": 16, "low": 1000, "high": 2020})
    assert source.pixels[..., 0].tolist() == [[0, 0], [250, 255]]
    assert source.values is not None
    assert source.values[..., 1].tolist() == values.tolist()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def jpeg() -> bytes:
    file = io.BytesIO()
    rgb().resize((90, 70)).save(file, "JPEG")
    return file.getvalue()


def frames() -> bytes:
    file = io.BytesIO()
    rgb().save(file, "PNG", save_all=True, append_images=[rgb().rotate(180)])
    return file.getvalue()


def mode(name: str, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new(name, (9, 7)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"hello", "it is not an image that can be read"),
        (mode("I;16"), "it has 16 bits per sample, but the intensity window is for 8 bits"),
        (frames(), "it has 2 frames"),
        (cut(jpeg()), "it is damaged"),
        (cut(mode("RGB")), "it is damaged"),
        (b"\xff\xd8\xff" + bytes(50), "it is damaged"),
    ],
)
def test_what_cannot_be_classified_is_refused_in_one_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(RefusalError, match=reason) as caught:
        read_source(tmp_path / "a", "a")
    assert "\n" not in str(caught.value)


def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="cannot be read"):
        read_source(tmp_path / "none", "none")
