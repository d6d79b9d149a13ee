import pytest
import torch
from ignite.engine import Engine

from custom.handlers import LearningRateSchedule
from custom.handlers.learning_rate_schedule import learning_rate_factor


def rates(schedule, epochs=5, start=0):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    seen = []
    trainer = Engine(lambda engine, batch: seen.append(optimizer.param_groups[0]["lr"]))
    LearningRateSchedule(optimizer, schedule).attach(trainer)
    if start:
        trainer.load_state_dict({"epoch_length": 2, "max_epochs": epochs, "iteration": 2 * start})
    trainer.run([0, 1], max_epochs=epochs)
    return seen


def test_ten_iterations_of_each():
    assert rates("constant") == [0.1] * 10
    cosine = rates("cosine")
    assert cosine[0] == pytest.approx(0.1 * (1 + torch.cos(torch.tensor(torch.pi * 0.05)).item()) / 2)
    assert cosine == sorted(cosine, reverse=True)
    cycle = rates("one_cycle")
    assert cycle[:3] == sorted(cycle[:3])
    assert cycle[3:] == sorted(cycle[3:], reverse=True)
    assert min(cycle) > 0


def test_it_is_torchs_one_cycle():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    total = 1000
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1.0, total_steps=total + 1, cycle_momentum=False, div_factor=1e12, final_div_factor=1e12
    )
    for step in range(total):
        # Theirs is at its peak one step before the share of 0.3.
        assert learning_rate_factor("one_cycle", step / total) == pytest.approx(theirs.get_last_lr()[0], abs=6e-3)
        optimizer.step()
        theirs.step()


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_a_training_that_resumes_has_the_same_rates(schedule):
    assert rates(schedule, start=3) == rates(schedule)[6:]


def test_an_unknown_schedule():
    with pytest.raises(ValueError, match="lr_schedule must be one of constant, cosine, one_cycle, not 'step'"):
        rates("step")
