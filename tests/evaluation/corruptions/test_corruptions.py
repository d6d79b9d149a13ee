import numpy as np
import pytest
import torch
from PIL import Image

from custom.evaluation.corruptions import CORRUPTIONS, SEVERITIES, Corruption


def smooth(size=64, channels=3, seed=0):
    """A smooth image with values well inside [0, 1], on which clipping plays no part."""
    small = torch.rand(1, channels, 5, 5, generator=torch.Generator().manual_seed(seed)) * 0.3 + 0.35
    return torch.nn.functional.interpolate(small, size=(size, size), mode="bicubic")[0].clamp(0.3, 0.7)


def distance(one, other):
    return float((one - other).square().mean().sqrt())


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_images_stay_images_and_the_original_stays_as_it_was(name, channels):
    image = smooth(48, channels)
    before = image.clone()
    for severity in SEVERITIES:
        found = CORRUPTIONS[name](image, severity)
        assert found.shape == image.shape
        assert found.dtype == image.dtype
        assert found.min() >= 0
        assert found.max() <= 1
    assert torch.equal(image, before)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_same_image_is_corrupted_alike_and_another_seed_is_other(name):
    image, corruption = smooth(), CORRUPTIONS[name]
    assert torch.equal(corruption(image, 3), corruption(image, 3))
    random = {"gaussian_noise", "speckle_noise", "impulse_noise", "shot_noise", "motion_blur", "characters"}
    assert torch.equal(corruption(image, 3, seed=1), corruption(image, 3, seed=2)) == (name not in random)


@pytest.mark.parametrize("name", [name for name in CORRUPTIONS if name != "characters"])
def test_a_higher_severity_changes_more(name):
    images = [smooth(112, seed=seed) for seed in range(4)]
    sizes = [np.mean([distance(CORRUPTIONS[name](x, severity), x) for x in images]) for severity in SEVERITIES]
    assert sizes == sorted(sizes)
    assert sizes[0] > 0


def test_more_characters_change_more():
    images = [smooth(112, seed=seed) for seed in range(30)]
    first, last = (np.mean([distance(CORRUPTIONS["characters"](x, s), x) for x in images]) for s in (1, 5))
    assert 0 < first < last


def test_noise_has_the_published_size():
    gray = torch.full((3, 128, 128), 0.5)
    assert distance(CORRUPTIONS["gaussian_noise"](gray, 2), gray) == pytest.approx(0.08, rel=0.02)
    assert distance(CORRUPTIONS["speckle_noise"](gray, 2), gray) == pytest.approx(0.15 * 0.5, rel=0.02)
    # A Poisson variable of mean 0.5 * 60, in units of 60.
    assert distance(CORRUPTIONS["shot_noise"](gray, 1), gray) == pytest.approx((0.5 / 60) ** 0.5, rel=0.02)
    changed = CORRUPTIONS["impulse_noise"](gray, 5)
    assert float((changed != gray).float().mean()) == pytest.approx(0.17, rel=0.05)
    assert float((changed == 1).float().mean()) == pytest.approx(0.085, rel=0.08)


def test_light_is_that_of_pillow():
    from PIL import ImageEnhance

    image = smooth()
    picture = Image.fromarray((image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))
    exact = torch.from_numpy(np.array(picture, dtype=np.float32) / 255).permute(2, 0, 1)
    for name, enhance in (("brightness_up", ImageEnhance.Brightness), ("contrast_down", ImageEnhance.Contrast)):
        for severity in (1, 4):
            expected = np.array(enhance(picture).enhance(CORRUPTIONS[name].parameters[severity - 1])) / 255
            found = CORRUPTIONS[name](exact, severity).permute(1, 2, 0).numpy()
            assert np.abs(found - expected).max() < 1.5 / 255 + 0.002


def test_blur_keeps_the_mean_of_a_flat_image_and_spreads_a_point():
    flat, point = torch.full((1, 224, 224), 0.4), torch.zeros(1, 224, 224)
    # Away from the center, which a zoom leaves where it is.
    point[0, 50, 70] = 1
    for name in ("defocus_blur", "motion_blur", "zoom_blur"):
        assert CORRUPTIONS[name](flat, 5).mean() == pytest.approx(0.4, abs=1e-4)
        assert CORRUPTIONS[name](point, 5).max() < 0.3
    # The disk of radius 4 has 49 pixels.
    assert int((CORRUPTIONS["defocus_blur"](point, 1) > 0.5 / 49).sum()) == 49


def test_sizes_follow_the_resolution():
    point = torch.zeros(1, 56, 56)
    point[0, 28, 28] = 1
    # A quarter of the reference's size: the disk of radius 4 becomes one of radius 1.
    assert int((CORRUPTIONS["defocus_blur"](point, 1) > 0.1).sum()) == 5


def test_pixels_are_means_of_blocks():
    image = smooth(40)
    found = CORRUPTIONS["pixelate"](image, 5)
    blocks = image.reshape(3, 10, 4, 10, 4).mean(dim=(2, 4))
    assert torch.allclose(found, blocks.repeat_interleave(4, 1).repeat_interleave(4, 2), atol=1e-6)


def test_corners_are_dark_outside_a_circle():
    white = torch.ones(3, 200, 200)
    found = CORRUPTIONS["dark_corners"](white, 3)
    assert float(found.mean()) == pytest.approx(np.pi / 4, abs=0.002)
    assert found[0, 0, 0] == 0
    assert found[0, 100, 1] == 1


@pytest.mark.parametrize(
    ("image", "severity", "sentence"),
    [
        (torch.zeros(3, 8, 8), 0, "A severity is one of 1, 2, 3, 4, 5, not 0"),
        (torch.zeros(2, 8, 8), 1, r"1 or 3 channels, not \(2, 8, 8\)"),
        (torch.zeros(1, 8, 8, 8), 1, "Corruptions take images"),
    ],
)
def test_bad_input_gets_one_sentence(image, severity, sentence):
    with pytest.raises(ValueError, match=sentence):
        CORRUPTIONS["pixelate"](image, severity)


def test_five_severities_need_five_parameters():
    with pytest.raises(ValueError, match="half needs 5 parameters, not 1"):
        Corruption("half", lambda image, share, generator: image * share, (0.5,))
