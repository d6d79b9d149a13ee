import nibabel
import numpy as np
from PIL import Image

from custom.explain import read_map, safe_file_name, write_map


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


def test_names():
    assert safe_file_name("a/b c.jpg") == "a_b_c.jpg"
