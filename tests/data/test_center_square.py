import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image

from custom.data.center_square import CenterSquared


@pytest.mark.parametrize(("shape", "rows", "columns"), [((3, 4, 8), (0, 4), (2, 6)), ((1, 7, 3), (2, 5), (0, 3))])
def test_the_center_is_kept(shape, rows, columns):
    image = torch.arange(torch.Size(shape).numel()).reshape(shape)
    cropped = CenterSquared("image")({"image": image})["image"]
    assert torch.equal(cropped, image[:, slice(*rows), slice(*columns)])


def test_nothing_is_cropped_unless_asked_for_and_masks_may_be_missing():
    image = torch.zeros(3, 4, 8)
    assert CenterSquared("image", None)({"image": image})["image"] is image
    assert CenterSquared("mask", allow_missing_keys=True)({"image": image}) == {"image": image}
    with pytest.raises(ValueError, match="crop is 'circle'; it must be 'square', or null"):
        CenterSquared("image", "circle")


@pytest.mark.parametrize(("crop", "expected"), [(None, 0.5), ("square", 1.0)])
def test_the_option_of_the_training(root, synthetic_data, tmp_path, crop, expected):
    """White in the center square, black beside it, twice as wide as high."""
    image = Image.new("RGB", (40, 20))
    image.paste((255, 255, 255), (10, 0, 30, 20))
    image.save(tmp_path / "a.png")
    config = ConfigParser()
    config.read_config(root / "bundle" / "configs" / "train.json")
    config.update({"dataset_dir": str(synthetic_data), "image_size": 8, "crop": crop})
    found = config.get_parsed_content("validate#preprocessing")({"image": str(tmp_path / "a.png")})["image"]
    assert found.shape == (3, 8, 8)
    assert float(found.mean()) == expected
