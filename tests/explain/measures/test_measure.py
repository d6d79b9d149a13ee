import math

import numpy as np
import pytest
import torch
from torch import nn

from custom.explain.measures import IOU_THRESHOLDS, measure_explanation


class Half(nn.Module):
    """Takes every image for both classes alike."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(images), 2)


IMAGE = torch.rand(3, 3, 3)
MAP = torch.tensor([[0.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.0, 0.0]])
MASK = torch.tensor([[0, 0, 0], [0, 255, 0], [0, 0, 0]], dtype=torch.uint8)


def test_all_measures_by_hand():
    measures = measure_explanation(Half(), IMAGE, 0, MAP, MAP.flip(1), MASK, faithfulness_steps=4)
    assert measures["pointing_game"] == 1
    assert measures["energy_inside"] == pytest.approx(2 / 3)
    np.testing.assert_allclose(measures["iou"], np.where(IOU_THRESHOLDS <= 0.5, 0.5, 1))
    # The attacked map points to the same place, with the rest on the other side.
    assert measures["pointing_game_attacked"] == 1
    assert measures["energy_inside_attacked"] == pytest.approx(2 / 3)
    # A disc of one pixel in the middle is the lesion itself.
    assert measures["pointing_game_blob"] == measures["energy_inside_blob"] == 1
    assert measures["iou_blob"] == [1] * len(IOU_THRESHOLDS)
    # Ranks 4 for zeros, 8 and 9: d = 4 at two places after the flip, with ties Pearson's r of the ranks.
    ranks = np.array([4, 4, 4, 4, 9, 8, 4, 4, 4]), np.array([4, 4, 4, 8, 9, 4, 4, 4, 4])
    assert measures["rank_correlation"] == pytest.approx(np.corrcoef(*ranks)[0, 1])
    assert measures["deletion"] == measures["insertion"] == pytest.approx(0.5)
    assert measures["deletion_curve"] == pytest.approx([0.5] * 5)


def test_only_what_can_be_measured():
    vanished = {"vanished"}
    assert set(measure_explanation(Half(), IMAGE, 0, MAP, faithfulness_steps=0)) == vanished
    attacked = {*vanished, "vanished_attacked", "rank_correlation"}
    assert set(measure_explanation(Half(), IMAGE, 0, MAP, MAP, faithfulness_steps=0)) == attacked
    faithful = {"deletion", "insertion", "deletion_curve", "insertion_curve"}
    assert set(measure_explanation(Half(), IMAGE, 0, MAP)) == vanished | faithful


def test_a_vanished_map_counts_and_has_no_other_measure():
    zero = torch.zeros_like(MAP)
    found = measure_explanation(Half(), IMAGE, 0, zero, MAP, MASK, faithfulness_steps=2)
    assert (found["vanished"], found["vanished_attacked"]) == (1, 0)
    for name in ("deletion", "insertion", "pointing_game", "energy_inside", "rank_correlation"):
        assert math.isnan(found[name])
    assert found["pointing_game_attacked"] == 1
