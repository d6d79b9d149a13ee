import nibabel
import numpy as np
import pytest
from PIL import Image

from custom.explain.results.files import read_image, read_map, write_image, write_map
from custom.files.names import safe_file_name


def test_images(tmp_path):
    saliency = np.array([[0.0, 0.5], [1.0, 0.25]], dtype=np.float32)
    write_map(tmp_path, "a", saliency)
    np.testing.assert_array_equal(read_map(tmp_path, "a"), saliency)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), [[0, 128], [255, 64]])


def test_volumes(tmp_path):
    saliency = np.random.default_rng(0).random((2, 3, 4), dtype=np.float32)
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    write_map(tmp_path, "v", saliency, affine)
    np.testing.assert_array_equal(read_map(tmp_path, "v"), saliency)
    np.testing.assert_array_equal(nibabel.load(tmp_path / "v.nii.gz").affine, affine)
    assert not (tmp_path / "v.npy").exists()


def test_pixels(tmp_path):
    image = np.arange(12, dtype=np.float32).reshape(3, 2, 2) * 20 / 255
    write_image(tmp_path, "color", image)
    np.testing.assert_allclose(read_image(tmp_path, "color"), image, atol=1e-7)
    write_image(tmp_path, "gray", image[:1])
    np.testing.assert_allclose(read_image(tmp_path, "gray"), image[:1], atol=1e-7)
    write_image(tmp_path, "volume", image[None], np.eye(4))
    np.testing.assert_array_equal(read_image(tmp_path, "volume"), image[None])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b c.jpg", "a_b_c.jpg"), ("../../x", "_.._x"), ("", "_"), ("x" * 300, "x" * 100), ("$a$", "_a_")],
)
def test_names(name, expected):
    assert safe_file_name(name) == expected
