"""From a network to the verdict: what an evaluation says of classifiers whose worth is known."""

import pytest
import torch

from custom.attacks import FGSM, PGD, StrongAttack
from custom.evaluation import Evaluation, RobustnessChecks
from custom.report import verdict_of

from .margins import NAMES, ChannelMeans

TABLE = {"fgsm": FGSM(epsilon=0.01), "strong_linf": StrongAttack(epsilon=0.01, norm="linf", steps=5)}
STEP = {"step_size": 0.005, "norm": "linf"}


class Constant(ChannelMeans):
    """MEL, whatever the image shows."""

    def forward(self, images):
        return 0 * super().forward(images) + torch.tensor([1.0, 0.0, 0.0])


class NeverNevus(ChannelMeans):
    """Answers MEL or BKL alone."""

    def forward(self, images):
        return super().forward(images) - torch.tensor([0.0, 0.0, 100.0])


class Rounded(ChannelMeans):
    """Images on a grid of twenty levels, through which no gradient passes."""

    def forward(self, images):
        return super().forward(torch.round(images * 20) / 20)


@pytest.fixture
def judged(loader, tmp_path):
    def judge(network):
        checks = RobustnessChecks(
            reference=PGD(epsilon=0.01, steps=5, **STEP),
            many_steps=PGD(epsilon=0.01, steps=20, **STEP),
            unbounded=PGD(epsilon=1.0, steps=30, step_size=0.05, norm="linf"),
            images=18,
        )
        options = {"checks": checks, "resamples": 200, "progress": False}
        return verdict_of(Evaluation(network, loader, NAMES, TABLE, list(TABLE), tmp_path / "results", **options).run())

    return judge


def test_a_fine_classifier(judged):
    found = judged(ChannelMeans())
    assert (found.level, found.title, found.reasons) == ("green", "Robust within ℓ∞ 2.55/255", ())
    # Of each six images the smallest margin is below 0, the next one, of 0.04, twice the reach of the attack.
    assert found.plain.startswith("Of 100 images the classifier recognizes 83; none of these is lost")


def test_a_constant_classifier(judged):
    found = judged(Constant())
    assert (found.level, found.title) == ("red", "Do not rely on these figures")
    assert "It answers melanoma (MEL) for every image." in found.reasons
    assert any(reason.startswith("A sanity check failed: The loss has a gradient") for reason in found.reasons)


def test_one_that_never_predicts_a_class(judged):
    found = judged(NeverNevus())
    assert found.level == "red"
    assert "It recognizes hardly any image of nevus (NV): 0.0 % of the clean ones." in found.reasons


def test_one_with_masked_gradients(judged):
    found = judged(Rounded())
    assert (found.level, found.title) == ("red", "Do not rely on these figures")
    failed = [reason for reason in found.reasons if reason.startswith("A sanity check failed")]
    assert any("The loss has a gradient at the images" in reason for reason in failed)
    assert any("An unbounded radius leaves no image correct" in reason for reason in failed)
