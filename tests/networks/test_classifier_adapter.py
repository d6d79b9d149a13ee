import pytest
import torch

from custom.attacks import FGSM
from custom.networks import ClassifierAdapter
from tests.evaluation.margins import ChannelMeans

IMAGES = torch.rand(3, 3, 4, 4, generator=torch.Generator().manual_seed(0))


def test_normalizes_per_channel():
    network = ClassifierAdapter(ChannelMeans(), mean=[0.1, 0.2, 0.3], std=[0.5, 0.25, 1])
    expected = (ChannelMeans()(IMAGES) - torch.tensor([1.0, 2.0, 3.0])) / torch.tensor([0.5, 0.25, 1.0])
    assert torch.allclose(network(IMAGES), expected, atol=1e-5)


def test_probabilities_become_logits_of_the_same_prediction_and_attacks():
    network = ClassifierAdapter(lambda x: ChannelMeans()(x).softmax(1), probabilities=True)
    assert torch.allclose(network(IMAGES).softmax(1), ChannelMeans()(IMAGES).softmax(1))
    labels = torch.tensor([0, 1, 2])
    attack = FGSM(epsilon=0.1)
    assert torch.allclose(attack(network, IMAGES, labels), attack(ChannelMeans(), IMAGES, labels))


def test_probability_zero_keeps_logits_finite():
    network = ClassifierAdapter(lambda x: torch.tensor([[1.0, 0.0]]), probabilities=True)
    assert torch.isfinite(network(IMAGES)).all()


@pytest.mark.parametrize("wrap", [lambda x: (x, 1), lambda x: [x], lambda x: {"logits": x, "features": 1}])
def test_first_of_several_outputs_counts(wrap):
    network = ClassifierAdapter(lambda x: wrap(ChannelMeans()(x)))
    assert torch.allclose(network(IMAGES), ChannelMeans()(IMAGES))


def test_one_by_one():
    seen = []

    def classifier(images):
        seen.append(len(images))
        return ChannelMeans()(images)

    assert torch.allclose(ClassifierAdapter(classifier, one_by_one=True)(IMAGES), ChannelMeans()(IMAGES))
    assert seen == [1, 1, 1]


def test_the_classifier_keeps_its_mode():
    inner = torch.nn.Dropout().eval()
    network = ClassifierAdapter(inner)
    network.train()
    assert network.training
    assert not inner.training


def test_bad_standard_deviation():
    with pytest.raises(ValueError, match="must be greater than 0"):
        ClassifierAdapter(ChannelMeans(), std=[1, 0, 1])


@pytest.mark.parametrize("squeeze", [True, False])
def test_a_single_logit_becomes_two_with_the_same_probability(squeeze):
    def logit(images):
        return 4 * images.mean(dim=(1, 2, 3), keepdim=True)[:, :, 0, 0] - 2

    network = ClassifierAdapter(lambda x: logit(x)[:, 0] if squeeze else logit(x))
    probability = logit(IMAGES).sigmoid()[:, 0]
    assert network(IMAGES).shape == (3, 2)
    assert torch.allclose(network(IMAGES).softmax(1)[:, 1], probability)
    of_probabilities = ClassifierAdapter(lambda x: logit(x).sigmoid(), probabilities=True)
    assert torch.allclose(of_probabilities(IMAGES).softmax(1)[:, 1], probability)
    assert torch.allclose(of_probabilities(IMAGES).softmax(1).sum(1), torch.ones(3))
    attack = FGSM(epsilon=0.1)
    labels = torch.tensor([0, 1, 1])
    adversarial = attack(network, IMAGES, labels)
    # The first is of class 0, so that its logit is raised; the others' are lowered.
    assert torch.allclose(adversarial[0], (IMAGES[0] + 0.1).clamp(max=1))
    assert torch.allclose(adversarial[1:], (IMAGES[1:] - 0.1).clamp(min=0))
    assert torch.allclose(attack(of_probabilities, IMAGES, labels), adversarial)
