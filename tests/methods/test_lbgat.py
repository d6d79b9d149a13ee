import pytest
import torch

from custom.attacks import PGD
from custom.methods.lbgat import LBGAT

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=3)


def test_the_teacher_is_a_copy_whose_parameters_are_trained_along(network, images):
    method = LBGAT(ATTACK)
    parameters = list(method.parameters(network))
    assert len(parameters) == 4
    own, copied = parameters[:2], parameters[2:]
    assert all(torch.equal(*pair) and pair[0] is not pair[1] for pair in zip(own, copied, strict=True))
    assert method.teacher.training
    # Asked again, it is the same teacher.
    assert list(method.parameters(network))[2] is copied[0]
    logits = method.inferer()(images, network, image_adv=images + 0.1)
    torch.testing.assert_close(logits.extra["teacher"], network(images))
    assert logits.clean is None  # which beta 0 has no use for
    method.loss(logits, torch.arange(6) % 3).backward()
    assert all(item.grad is not None and item.grad.abs().sum() > 0 for item in parameters)


def test_with_beta_the_clean_images_go_through_the_network_as_well(network, images):
    method = LBGAT(ATTACK, beta=6.0)
    method.parameters(network)
    logits = method.inferer()(images, network, image_adv=images + 0.1)
    torch.testing.assert_close(logits.clean, network(images))


def test_the_teacher_is_in_the_checkpoint(network):
    first, second = LBGAT(ATTACK), LBGAT(ATTACK)
    for method in (first, second):
        method.parameters(network)
    with torch.no_grad():
        first.teacher[1].weight.add_(1.0)
    second.load_state_dict(first.state_dict())
    assert torch.equal(second.teacher[1].weight, network[1].weight + 1.0)


def test_an_optimizer_that_does_not_know_the_teacher_is_noticed(network, images):
    with pytest.raises(RuntimeError, match="LBGAT has no teacher yet"):
        LBGAT(ATTACK).inferer()(images, network, image_adv=images)


def test_negative_beta():
    with pytest.raises(ValueError, match="beta must be a number of at least 0, got -1"):
        LBGAT(ATTACK, beta=-1)
