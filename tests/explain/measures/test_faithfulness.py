import numpy as np
import pytest
import torch
from torch import nn

from custom.explain.measures import area_under_curve, faithfulness_curves


class Corner(nn.Module):
    """Sees only the first pixel of the image."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        evidence = 8 * (images[:, 0].flatten(1)[:, 0] - 0.5)
        return torch.stack([evidence, -evidence], dim=1)


@pytest.fixture
def image() -> torch.Tensor:
    image = torch.zeros(1, 4, 5)
    image[0, 0, 0] = 1.0
    return image


def test_the_important_pixel_goes_first(image):
    saliency = torch.zeros(4, 5)
    saliency[0, 0] = 1.0
    deletion, insertion = faithfulness_curves(Corner(), image, saliency, label=0, steps=20)
    sure = torch.softmax(torch.tensor([4.0, -4.0]), 0)[0].item()
    assert deletion[0] == insertion[-1] == pytest.approx(sure)
    # Twenty pixels in twenty portions: it is gone, and there, after the first.
    np.testing.assert_allclose(deletion[1:], deletion[-1])
    np.testing.assert_allclose(insertion[1:], sure)
    assert deletion[-1] == insertion[0] < sure


def test_the_important_pixel_goes_last(image):
    saliency = torch.ones(4, 5)
    saliency[0, 0] = 0.0
    deletion, insertion = faithfulness_curves(Corner(), image, saliency, label=0, steps=4)
    np.testing.assert_allclose(deletion[:4], deletion[0])
    np.testing.assert_allclose(insertion[:4], insertion[0])
    assert len(deletion) == len(insertion) == 5


def test_a_faithful_map_beats_its_opposite(image):
    saliency = image[0]
    good = faithfulness_curves(Corner(), image, saliency, 0)
    bad = faithfulness_curves(Corner(), image, 1 - saliency, 0)
    assert area_under_curve(good.deletion) < area_under_curve(bad.deletion)
    assert area_under_curve(good.insertion) > area_under_curve(bad.insertion)


def test_volumes():
    volume = torch.rand(1, 4, 5, 6)
    curves = faithfulness_curves(Corner(), volume, torch.rand(4, 5, 6), 1, steps=3)
    assert curves.deletion[0] == pytest.approx(curves.insertion[-1])
    assert curves.deletion[-1] == pytest.approx(curves.insertion[0])


def test_area():
    assert area_under_curve(np.array([1.0, 0.0, 0.0])) == pytest.approx(0.25)
    assert area_under_curve(np.array([0.3, 0.3])) == pytest.approx(0.3)


def test_no_steps():
    with pytest.raises(ValueError, match="0 steps"):
        faithfulness_curves(Corner(), torch.zeros(1, 2, 2), torch.zeros(2, 2), 0, steps=0)
