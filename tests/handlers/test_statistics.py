from types import SimpleNamespace

import pytest
import torch
from ignite.engine import Engine

from custom.handlers import AdversarialStatistics, Statistic


def test_an_epoch_by_hand():
    loss_function = SimpleNamespace(parts=lambda logits, labels: {"loss_clean": logits / 2})
    steps = iter(
        [
            (1.0, [0.1, 0.3], [True, False], [False, False], 0.2, False),
            (4.0, [0.5], [True], [True], 0.0, True),
        ]
    )

    def step(engine, size):
        loss, epsilon, fragile, clamped, mean, degenerate = next(steps)
        engine.state.adversarial = {
            "epsilon": Statistic(torch.tensor(epsilon), "mean_and_std"),
            "fragile": Statistic(torch.tensor(fragile), "share"),
            "clamped_low": Statistic(torch.tensor(clamped), "count"),
            "clamped_high": Statistic(torch.tensor([False] * len(clamped)), "count"),
            "delta_loss": Statistic(torch.tensor(mean)),
            "degenerate": Statistic(torch.tensor(degenerate), "count_batches"),
        }
        return {"loss": torch.tensor(loss), "pred": torch.tensor(loss), "label": torch.zeros(size)}

    engine = Engine(step)
    AdversarialStatistics(loss_function).attach(engine)
    metrics = engine.run([2, 1], max_epochs=1).metrics
    assert metrics == pytest.approx(
        {
            "loss": 2.0,  # (2 * 1 + 1 * 4) / 3 samples
            "loss_clean": 1.0,
            "epsilon_mean": 0.3,
            "epsilon_std": (0.08 / 3) ** 0.5,
            "fragile_share": 2 / 3,
            "clamped_low": 1,
            "clamped_high": 0,
            "delta_loss_mean": 0.1,
            "degenerate": 1,
        },
        abs=1e-7,
    )


def test_epochs_do_not_mix():
    losses = iter([1.0, 5.0])
    engine = Engine(lambda engine, _: {"loss": torch.tensor(next(losses)), "pred": None, "label": torch.zeros(1)})
    AdversarialStatistics(SimpleNamespace(parts=lambda *_: {})).attach(engine)
    assert engine.run([0], max_epochs=2).metrics == {"loss": 5.0}
