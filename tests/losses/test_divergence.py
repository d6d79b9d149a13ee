import math

import numpy as np
import pytest
import torch
from scipy.special import rel_entr, softmax

from custom.losses import kl_divergence


def test_by_hand():
    # KL((1/2, 1/2), (4/5, 1/5)) = log(5/4) + 1/2 log ... = 1/2 log(25/16).
    found = kl_divergence(torch.tensor([[0.5, 0.5]]).double().log(), torch.tensor([[0.8, 0.2]]).double().log())
    assert found.item() == pytest.approx(0.5 * math.log(25 / 16), abs=1e-8)


def test_equals_scipy_and_is_zero_for_equal_predictions():
    p, q = np.random.default_rng(0).normal(size=(2, 5, 4)) * 3
    found = kl_divergence(torch.from_numpy(p), torch.from_numpy(q))
    np.testing.assert_allclose(found, rel_entr(softmax(p, 1), softmax(q, 1)).sum(1), atol=1e-13)
    assert kl_divergence(torch.from_numpy(p), torch.from_numpy(p + 7)).abs().max() < 1e-14


def test_saturated_and_coarse_logits_stay_finite():
    found = kl_divergence(torch.tensor([[300.0, 0.0]]), torch.tensor([[0.0, 300.0]]))
    assert found.item() == 300.0
    assert kl_divergence(torch.zeros(1, 2).bfloat16(), torch.zeros(1, 2).bfloat16()).dtype == torch.float32


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"must share one shape \(B, C\), got \(2, 3\) and \(2, 2\)"):
        kl_divergence(torch.zeros(2, 3), torch.zeros(2, 2))
