import pytest
import torch
from ignite.engine import Engine
from torch import nn

from custom.attacks import PGD
from custom.methods.hat import HAT
from custom.networks import NetworkCard, save_checkpoint

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=3)


class Third(nn.Module):
    """A network that says class 2 of every image whose first value is above 1/2, and class 0 of all others."""

    def forward(self, images):
        above = (images[:, 0, 0, 0] > 0.5).float()
        return torch.stack([1 - above, torch.zeros_like(above), above], 1)


def test_helper_images_lie_beyond_the_adversarial_ones_with_the_teachers_label(network, images, labels):
    method = HAT(ATTACK, teacher=Third())
    examples = method.perturb(None, network, images, labels)
    helper = examples.extra["image_helper"]
    torch.testing.assert_close(helper - images, 3.5 * (examples.images_adv - images))
    assert helper.shape == images.shape
    expected = torch.where(examples.images_adv[:, 0, 0, 0] > 0.5, 2, 0)
    assert torch.equal(examples.extra["label_helper"], expected)
    assert len(expected.unique()) == 2


def test_the_inferer_passes_helper_images_and_labels_on(network, images, labels):
    method = HAT(ATTACK, teacher=Third())
    examples = method.perturb(None, network, images, labels)
    batch = {"image": images, "label": labels, "image_adv": examples.images_adv, **examples.extra}
    inputs, _, args, kwargs = method.prepare_batch()(batch, torch.device("cpu"))
    logits = method.inferer()(inputs, network, *args, **kwargs)
    torch.testing.assert_close(logits.clean, network(images))
    torch.testing.assert_close(logits.extra["helper"], network(examples.extra["image_helper"]))
    assert torch.equal(logits.extra["helper_labels"], examples.extra["label_helper"])


def test_a_teacher_is_needed(tmp_path):
    with pytest.raises(ValueError, match=r"HAT needs teacher, .*--method_options#teacher FOLDER"):
        HAT(ATTACK)
    with pytest.raises(FileNotFoundError, match="No classifier found at"):
        HAT(ATTACK, teacher=tmp_path / "none").attach(Engine(lambda *_: None))
    save_checkpoint(tmp_path / "model.pt", nn.Linear(4, 2), NetworkCard(class_names=("a", "b"), image_size=(4, 4)))
    with pytest.raises(ValueError, match="does not say what its network is; pass the folder of a run of STD"):
        HAT(ATTACK, teacher=tmp_path).attach(Engine(lambda *_: None))


def test_only_a_training_reads_the_teacher(tmp_path):
    # What was trained is evaluated and exported without it.
    assert HAT(ATTACK, teacher=tmp_path / "gone").hyperparameters["teacher"] == str(tmp_path / "gone")


@pytest.mark.parametrize("name", ["h", "beta", "gamma"])
def test_negative_values(name):
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 0, got -1"):
        HAT(ATTACK, teacher=Third(), **{name: -1})
