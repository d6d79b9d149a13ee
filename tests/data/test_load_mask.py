import numpy as np
import pytest
from PIL import Image

from custom.data.decoded_image import UnreadableImageError
from custom.data.load_mask import LoadMaskd

INSIDE = np.array([[0, 0, 1], [0, 1, 1]])


def loaded(path):
    return LoadMaskd("mask")({"mask": str(path)})["mask"].numpy()


@pytest.mark.parametrize(
    ("kind", "value", "suffix"),
    [
        (np.uint8, 255, "png"),
        (np.uint8, 1, "png"),
        (np.uint16, 1, "png"),
        (np.uint16, 65535, "tif"),
        (np.float32, 0.5, "tif"),
    ],
)
def test_what_is_greater_than_zero_is_inside(kind, value, suffix, tmp_path):
    Image.fromarray((INSIDE * value).astype(kind)).save(tmp_path / f"m.{suffix}")
    assert np.array_equal(loaded(tmp_path / f"m.{suffix}"), INSIDE[None])


def test_colored_and_palette_masks(tmp_path):
    colored = np.zeros((2, 3, 3), np.uint8)
    colored[..., 0] = 9 * INSIDE  # Pillow's gray value of this dark red rounds to 3, of a darker one to 0
    Image.fromarray(colored).save(tmp_path / "rgb.png")
    assert np.array_equal(loaded(tmp_path / "rgb.png"), INSIDE[None])
    palette = Image.fromarray(INSIDE.astype(np.uint8), "P")
    palette.putpalette([0, 0, 0, 1, 0, 0])
    palette.save(tmp_path / "p.png")
    assert np.array_equal(loaded(tmp_path / "p.png"), INSIDE[None])


def test_the_mask_of_a_turned_photograph_is_turned_along(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray((INSIDE * 255).astype(np.uint8)).save(tmp_path / "m.png", exif=exif)
    assert np.array_equal(loaded(tmp_path / "m.png"), np.rot90(INSIDE, -1)[None])


def test_items_without_a_mask_and_damaged_masks(tmp_path):
    assert LoadMaskd("mask", allow_missing_keys=True)({"image": 1}) == {"image": 1}
    (tmp_path / "m.png").write_bytes(b"x")
    with pytest.raises(UnreadableImageError, match=r"m\.png: it is not an image"):
        loaded(tmp_path / "m.png")
