import pytest

from custom.attacks import PGD
from custom.methods import create_method, method_names

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=2, norm="l2")


@pytest.mark.parametrize(
    ("name", "hyperparameters", "adversarial", "alpha", "beta", "needs_clean"),
    [
        ("std", {}, False, 0.0, 0.0, True),
        ("at", {}, True, 1.0, 0.0, False),
        ("sat", {"alpha": 0.7}, True, 0.7, 0.0, True),
        ("amat", {"xi": 1.0}, True, 0.5, 0.0, True),
        ("dpaat", {"alpha": 0.7, "beta": 2.0}, True, 0.7, 2.0, True),
        ("dpaat_adaptation", {"alpha": 0.7}, True, 0.7, 0.0, True),
        ("dpaat_synchronization", {"alpha": 0.7, "beta": 2.0}, True, 0.7, 2.0, True),
    ],
)
def test_the_papers_methods(name, hyperparameters, adversarial, alpha, beta, needs_clean):
    method = create_method(name, ATTACK, **hyperparameters)
    assert method.name == name
    assert method.adversarial == adversarial
    assert (method.loss.alpha, method.loss.beta, method.loss.needs_clean) == (alpha, beta, needs_clean)
    assert hyperparameters.items() <= method.hyperparameters.items()


def test_none_is_the_methods_own_default():
    assert create_method("dpaat", ATTACK, alpha=None, beta=None).hyperparameters["beta"] == 1.0


def test_standard_training_is_selected_by_clean_accuracy_and_the_others_by_the_mean():
    selections = {name: create_method(name, ATTACK, xi=1.0 if name == "amat" else None).selection for name in PAPER}
    assert selections == {**dict.fromkeys(PAPER, "val_accuracy_mean"), "std": "val_accuracy_clean"}


PAPER = ["std", "at", "sat", "amat", "dpaat", "dpaat_adaptation", "dpaat_synchronization"]


def test_all_modules_are_methods():
    assert set(PAPER) <= set(method_names())


def test_unknown_method():
    with pytest.raises(ValueError, match=r"No training method 'dpat' found; .* Did you mean 'dpaat'\?"):
        create_method("dpat", ATTACK)


def test_a_method_anywhere_else_by_its_dotted_path():
    assert create_method("custom.methods.at.AT", ATTACK).name == "at"
    with pytest.raises(ValueError, match=r"is not a training method; pass a subclass"):
        create_method("custom.attacks.PGD", ATTACK)
    with pytest.raises(ValueError, match=r"No training method 'no\.Such' found: No module named 'no'"):
        create_method("no.Such", ATTACK)


def test_a_hyperparameter_that_the_method_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"Method 'at' has no hyperparameter 'alpha'; it takes label_smoothing\."):
        create_method("at", ATTACK, alpha=0.3)
    with pytest.raises(ValueError, match=r"Method 'sat' has no hyperparameter 'gamma'"):
        create_method("sat", ATTACK, {"gamma": 1})


@pytest.mark.parametrize(
    ("name", "option", "value", "message"),
    [
        ("amat", "stop_at_xi", "no", "stop_at_xi must be True or False, not 'no'"),
        ("dpaat", "shuffle_radii", 1, "shuffle_radii must be True or False, not 1"),
        ("dpaat", "gamma_scale", True, "gamma_scale must be a number, not True"),
        ("amat", "delta_epsilon", "abc", "delta_epsilon must be a number, not 'abc'"),
        ("amat", "delta_epsilon", -0.1, "delta_epsilon must be a number of at least 0, got -0.1"),
        ("amat", "xi", float("inf"), "xi must be a number, not inf"),
        ("iaat", "steps", [1, 2], r"steps must be a number, not \[1, 2\]"),
        ("dpaat", "delta_loss_mean_floor", -1, "delta_loss_mean_floor must be a number of at least 0, got -1"),
    ],
)
def test_a_value_that_a_hyperparameter_does_not_take(name, option, value, message):
    needed = {"xi": 1.0} if name == "amat" else {}
    with pytest.raises(ValueError, match=message):
        create_method(name, ATTACK, {**needed, option: value})
