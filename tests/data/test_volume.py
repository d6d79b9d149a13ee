"""Reading volumes, and bringing them to the network's grid."""

import gzip

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, ScaleIntensityRanged

from custom.data.affine import canonical_spacing
from custom.data.decoded_image import UnreadableImageError
from custom.data.load_image import LoadMedicalImaged
from custom.data.nifti import decode_nifti
from custom.data.spatial_size import spatial_size
from custom.data.volume import read_volume
from custom.data.volume_grid import VolumeGrid
from tests.volumes import write_nifti, write_series

RAMP = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
# The first axis runs to the left in steps of 3 mm, the second up in steps of 2, the third to the front in steps of 1.
TURNED = np.array([[-3.0, 0, 0, 10], [0, 0, 1.0, 20], [0, 2.0, 0, 30], [0, 0, 0, 1]])


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "named like nothing"])
def test_nifti_files_are_read_by_content_with_their_affine(tmp_path, name):
    suffix = ".nii.gz" if name.endswith(".gz") else ".nii"
    path = write_nifti(tmp_path / f"written{suffix}", RAMP[..., None], TURNED).rename(tmp_path / name)
    volume = read_volume(path)
    np.testing.assert_array_equal(volume[0].numpy(), RAMP)
    np.testing.assert_array_equal(volume.affine.numpy(), TURNED)
    assert canonical_spacing(volume.affine.numpy()) == (3.0, 1.0, 2.0)


def test_a_series_is_read_in_hounsfield_units_with_its_place(tmp_path):
    hounsfield = RAMP - 10
    folder = write_series(tmp_path / "s", hounsfield, spacing=(0.5, 2.0, 3.0), origin=(1, 2, 3))
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume[0].numpy(), hounsfield)
    # DICOM's x and y run to the left and to the back, those of the affine to the right and to the front.
    expected = [[-0.5, 0, 0, -1], [0, -2, 0, -2], [0, 0, 3, 3], [0, 0, 0, 1]]
    np.testing.assert_allclose(volume.affine.numpy(), expected)


@pytest.mark.parametrize(
    ("values", "affine", "reason"),
    [
        (np.zeros((2, 2, 2, 3), np.float32), np.eye(4), "it has 4 axes (2 x 2 x 2 x 3) and needs three"),
        (np.full((2, 2, 2), np.nan, np.float32), np.eye(4), "values that are not finite"),
        (np.zeros((2, 2, 2), np.float32), np.diag([1.0, 1, 0, 1]), "its affine has no inverse"),
    ],
)
def test_what_is_no_volume_in_space_is_refused(tmp_path, values, affine, reason):
    path = write_nifti(tmp_path / "a.nii", values)
    content = bytearray(path.read_bytes())
    content[280:328] = affine[:3].astype("<f4").tobytes()
    with pytest.raises(UnreadableImageError) as error:
        decode_nifti(bytes(content))
    assert reason in str(error.value)


def test_damaged_files_are_refused(tmp_path):
    content = write_nifti(tmp_path / "a.nii", RAMP).read_bytes()
    for damaged in (content[:370], gzip.compress(content)[:-20], b"", b"text"):
        with pytest.raises(UnreadableImageError):
            decode_nifti(damaged)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"left_out": [2]}, "are 2 mm apart instead of the usual 1 mm; one is missing"),
        ({"series": "1.2.3"}, "it holds slices of 2 series, and each needs a folder of its own"),
    ],
)
def test_series_that_are_not_whole_are_refused(tmp_path, change, reason):
    values = np.zeros((3, 3, 6), np.int16)
    write_series(tmp_path, values, **({} if "series" in change else change))
    if "series" in change:
        write_series(tmp_path / "other", values, **change)
        (tmp_path / "other" / "slice_99.dcm").rename(tmp_path / "x.dcm")
    with pytest.raises(UnreadableImageError, match=reason):
        read_volume(tmp_path)


def test_a_damaged_slice_is_refused(tmp_path):
    write_series(tmp_path, np.zeros((3, 3, 4), np.int16))
    file = tmp_path / "slice_97.dcm"
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(UnreadableImageError, match="a slice of it is damaged"):
        read_volume(tmp_path)


def test_the_grid_turns_crops_and_pads_with_the_background():
    volume = MetaTensor(torch.from_numpy(RAMP[None].astype(np.float32)) + 5, affine=torch.from_numpy(TURNED))
    seen = VolumeGrid((3, 1, 2), (2, 2, 5))(volume)
    # RAS: the first axis reversed, the others exchanged; then the middle two of four, and three padded to five.
    expected = np.full((2, 2, 5), 5.0)
    expected[:, :, 1:4] = (RAMP[::-1].transpose(0, 2, 1) + 5)[:, 1:3]
    np.testing.assert_array_equal(seen[0].numpy(), expected)
    # The first voxel: x = 10 - 3, y = 20 + 1, z = 30 - 2.
    np.testing.assert_allclose(seen.affine.numpy(), [[3, 0, 0, 7], [0, 1, 0, 21], [0, 0, 2, 28], [0, 0, 0, 1]])


def test_resampling_keeps_values_where_they_are_in_the_patient():
    affine = np.array([[-2.0, 0, 0, 7], [0, 1.5, 0, -4], [0, 0, 3.0, 1], [0, 0, 0, 1]])

    def height(shape, matrix):
        """x + 2 y + 3 z in millimeters, which linear interpolation reproduces."""
        indices = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
        return (indices @ matrix[:3, :3].T + matrix[:3, 3]) @ [1, 2, 3]

    volume = MetaTensor(torch.from_numpy(height((9, 9, 9), affine)[None]).float(), affine=torch.from_numpy(affine))
    seen = VolumeGrid((1, 1, 1), (6, 6, 6))(volume)
    np.testing.assert_allclose(seen[0].numpy(), height((6, 6, 6), seen.affine.numpy()), atol=1e-3)


def test_loading_scales_by_the_window_and_keeps_the_affine(tmp_path):
    path = write_nifti(
        tmp_path / "a.nii.gz", np.array([-1000, -100, 75, 250, 900, 250, 75, -100], np.int16).reshape(2, 2, 2)
    )
    window = ScaleIntensityRanged("image", -100, 250, 0, 1, clip=True)
    item = Compose([LoadMedicalImaged("image", spacing=(1, 1, 1), size=(2, 2, 2)), window])({"image": str(path)})
    np.testing.assert_allclose(item["image"].flatten(), [0, 0, 0.5, 1, 1, 1, 0.5, 0])
    np.testing.assert_array_equal(item["affine"], np.eye(4))
    with pytest.raises(UnreadableImageError, match="a NIfTI volume, but a 2-D image is needed"):
        LoadMedicalImaged("image")({"image": str(path)})


def test_sizes():
    assert spatial_size([3, 4]) == (3, 4)
    assert spatial_size([3, 4, 5], (1, 1, 1)) == (3, 4, 5)
    with pytest.raises(ValueError, match="but must be one number or 3"):
        spatial_size([3, 4], (1, 1, 1))
    with pytest.raises(ValueError, match="three numbers greater than 0"):
        VolumeGrid((1, 0, 1), (2, 2, 2))
