import pytest
import torch

from custom.attacks.norms import per_sample, perturbation_norm


@pytest.mark.parametrize(("norm", "expected"), [("l2", [5.0, 1.0]), ("linf", [4.0, 1.0])])
def test_size_of_every_sample(norm, expected):
    perturbation = torch.tensor([[[3.0, -4.0]], [[0.0, -1.0]]])
    assert perturbation_norm(perturbation, norm).tolist() == expected


def test_unknown_norm_is_named():
    with pytest.raises(ValueError, match="Unknown norm 'l1'; use one of l2, linf"):
        perturbation_norm(torch.zeros(1, 1), "l1")


def test_per_sample_broadcasts_over_any_rank():
    for rank in range(4):
        images = torch.ones(2, 3, *[4] * rank)
        assert (per_sample(torch.tensor([2.0, 3.0]), images) * images)[1].unique().tolist() == [3.0]
