import json
import math
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from custom.inferers import AdversarialLogits
from custom.losses import AdversarialLoss, SynchronizationLoss

VECTORS = json.loads((Path(__file__).parents[1] / "fixtures" / "vectors.json").read_text())["losses"]


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("case", VECTORS)
@pytest.mark.parametrize("method", ["at", "sat", "dpaat"])
def test_check_numbers(case, method):
    alpha, beta = {"at": (1.0, 0.0), "sat": (case["alpha"], 0.0), "dpaat": (case["alpha"], case["beta"])}[method]
    logits = AdversarialLogits(tensor(case["logits_clean"]), tensor(case["logits_adv"]))
    loss = AdversarialLoss(alpha, beta)(logits, torch.tensor(case["labels"]))
    assert loss.item() == pytest.approx(case["expected"][method], abs=1e-12)


def test_by_hand():
    # p = (1/2, 1/2) on the clean image and (3/4, 1/4) on the adversarial one, class 0.
    logits = AdversarialLogits(tensor([[0.0, 0.0]]), tensor([[math.log(3.0), 0.0]]))
    loss = AdversarialLoss(alpha=0.25, beta=2.0)
    m = (5 / 8, 3 / 8)
    js = (
        0.5 * math.log(0.5 / m[0])
        + 0.5 * math.log(0.5 / m[1])
        + 0.75 * math.log(0.75 / m[0])
        + 0.25 * math.log(0.25 / m[1])
    ) / 2
    expected = 0.25 * math.log(4 / 3) + 0.75 * math.log(2) + 2 * js
    assert loss(logits, torch.tensor([0])).item() == pytest.approx(expected, abs=1e-12)
    assert {name: value.item() for name, value in loss.parts(logits, torch.tensor([0])).items()} == pytest.approx(
        {"loss_adversarial": math.log(4 / 3), "loss_clean": math.log(2), "loss_synchronization": js}
    )


def test_without_adversarial_images_it_is_the_clean_cross_entropy():
    clean, labels = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    loss = AdversarialLoss(alpha=0.0)
    assert loss(AdversarialLogits(clean, None), labels) == F.cross_entropy(clean, labels)
    assert list(loss.parts(AdversarialLogits(clean, None), labels)) == ["loss_clean"]


def test_at_needs_no_clean_logits_and_the_others_do():
    adversarial, labels = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    assert AdversarialLoss(1.0)(AdversarialLogits(None, adversarial), labels) == F.cross_entropy(adversarial, labels)
    with pytest.raises(ValueError, match=r"alpha 0\.5 and beta 0\.0 need the clean images' logits"):
        AdversarialLoss(0.5)(AdversarialLogits(None, adversarial), labels)
    with pytest.raises(ValueError, match="got neither"):
        AdversarialLoss(0.5)(AdversarialLogits(None, None), labels)


def test_label_smoothing_is_torchs():
    clean, labels = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    loss = AdversarialLoss(alpha=0.0, label_smoothing=0.1)(AdversarialLogits(clean, None), labels)
    # 0.1 of the label is spread evenly over the three classes.
    target = torch.eye(3)[labels] * 0.9 + 0.1 / 3
    torch.testing.assert_close(loss, -(target * clean.log_softmax(1)).sum(1).mean())


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"alpha": 1.5}, "alpha must be in"),
        ({"beta": -1}, "beta must be"),
        ({"label_smoothing": 1}, "label_smoothing must be"),
    ],
)
def test_weights_out_of_range(weights, message):
    with pytest.raises(ValueError, match=message):
        AdversarialLoss(**weights)


def test_the_printed_form_is_log_2_minus_the_divergence():
    clean, adversarial, labels = torch.randn(4, 3), torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    logits = AdversarialLogits(clean, adversarial)
    loss = AdversarialLoss(0.5, 1.0, SynchronizationLoss(as_printed=True))
    difference = loss(logits, labels) - AdversarialLoss(0.5, 0.0)(logits, labels)
    torch.testing.assert_close(difference, math.log(2) - SynchronizationLoss()(clean, adversarial))
