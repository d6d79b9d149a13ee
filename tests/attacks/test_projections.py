import torch

from custom.attacks.projections import project


def test_l2_scales_what_is_outside_alone():
    perturbation = torch.tensor([[[3.0, 4.0]], [[0.3, 0.4]], [[0.0, 0.0]]])
    projected = project(perturbation, torch.tensor([1.0, 1.0, 0.0]))
    torch.testing.assert_close(projected[0], torch.tensor([[0.6, 0.8]]))
    assert torch.equal(projected[1:], perturbation[1:])


def test_linf_clamps_every_value():
    projected = project(torch.tensor([[0.3, -0.2], [0.3, -0.2]]), torch.tensor([0.1, 0.25]), "linf")
    assert torch.equal(projected, torch.tensor([[0.1, -0.1], [0.25, -0.2]]))


def test_radius_zero_leaves_nothing():
    perturbation = torch.randn(2, 3, 4)
    for norm in ("l2", "linf"):
        assert not project(perturbation, torch.zeros(2), norm).any()
