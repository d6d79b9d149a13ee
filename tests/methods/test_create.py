import pytest

from custom.methods import training_method


@pytest.mark.parametrize(
    ("name", "radius", "alpha", "beta", "needs_clean"),
    [
        ("std", "none", 0.0, 0.0, True),
        ("at", "fixed", 1.0, 0.0, False),
        ("sat", "fixed", 0.7, 0.0, True),
        ("amat", "amat", 0.5, 0.0, True),
        ("dpaat", "dpaat", 0.7, 2.0, True),
        ("dpaat_adaptation", "dpaat", 0.7, 0.0, True),
        ("dpaat_synchronization", "fixed", 0.7, 2.0, True),
    ],
)
def test_weights_and_radius(name, radius, alpha, beta, needs_clean):
    method = training_method(name, alpha=0.7, beta=2.0)
    assert (method.radius, method.alpha, method.beta, method.needs_clean) == (radius, alpha, beta, needs_clean)


def test_unknown_method():
    with pytest.raises(ValueError, match=r"no training method 'dpat'; .* Did you mean 'dpaat'\?"):
        training_method("dpat")
