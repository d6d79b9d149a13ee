import pytest
import torch
from ignite.engine import Engine

from custom.attacks import PGD
from custom.handlers import EpsilonSchedule
from custom.methods import create_method

ATTACK = PGD(epsilon=0.4, steps=4, step_size=0.2)


def radii(**schedule):
    method = create_method("at", ATTACK)
    trainer, found = Engine(lambda engine, batch: None), []
    EpsilonSchedule(method, **schedule).attach(trainer)
    trainer.add_event_handler("EPOCH_STARTED", lambda _: found.append((method.attack.epsilon, method.attack.step_size)))
    trainer.run([0], max_epochs=5)
    return found


def test_the_radius_rises_and_the_step_with_it():
    expected = [(0.1, 0.05), (0.2, 0.1), (0.3, 0.15), (0.4, 0.2), (0.4, 0.2)]
    assert radii(rise=3) == [pytest.approx(pair) for pair in expected]


def test_without_a_schedule_it_is_the_preset_attack_itself():
    method = create_method("at", ATTACK)
    method.scale_epsilon(EpsilonSchedule(method).factor(1))
    assert method.attack is ATTACK


def test_a_clean_warm_up_comes_before_the_rise():
    assert [epsilon for epsilon, _ in radii(warm_up=2, clean_warm_up=True, rise=1)] == pytest.approx(
        [0, 0, 0.2, 0.4, 0.4]
    )
    assert [epsilon for epsilon, _ in radii(warm_up=2, rise=1, scale=2)] == pytest.approx([0.8, 0.8, 0.4, 0.8, 0.8])


@pytest.mark.parametrize("name", ["at", "dpaat", "amat"])
def test_at_radius_zero_no_attack_runs_and_the_images_stay_clean(name):
    calls = []
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
    network.register_forward_hook(lambda *_: calls.append(1))
    method = create_method(name, ATTACK, xi=1.0 if name == "amat" else None)
    method.scale_epsilon(0)
    batch = {"image": torch.rand(2, 3, 2, 2), "label": torch.tensor([0, 2]), "image_id": ["a", "b"]}
    engine = Engine(lambda engine, batch: None)
    engine.network, engine.non_blocking = network, False
    engine.state.device = torch.device("cpu")
    method.attach(engine)
    engine.run([batch], max_epochs=1)
    assert torch.equal(batch["image_adv"], batch["image"])
    assert not calls
    assert dict(engine.state.adversarial) == {}


@pytest.mark.parametrize("wrong", [{"warm_up": -1}, {"rise": -1}, {"scale": -0.5}, {"scale": float("nan")}])
def test_values_out_of_range(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} of the epsilon schedule must be a number of at least 0"):
        EpsilonSchedule(create_method("at", ATTACK), **wrong)
