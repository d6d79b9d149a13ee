"""One of an evaluation's attacks on its images."""

from __future__ import annotations

from collections.abc import Mapping

from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.robust_accuracy import first_lost
from custom.evaluation.select_attacks import SelectedAttack
from custom.metrics import AttackKey, Predictions


def attack_images(
    runner: AttackRunner,
    item: SelectedAttack,
    clean: Predictions,
    attacked: Mapping[AttackKey, Predictions],
) -> Predictions:
    """Predictions on all images under one attack, which may need to be tried only on the survivors of the others.

    Args:
        runner: runs the attack.
        item: the attack.
        clean: predictions on clean images.
        attacked: predictions under the attacks that ran before.
    """
    name = f"{item.name} {item.attack.epsilon:.10g}" if item.further_radius else item.name
    if not item.survivors_only:
        return runner.run(name, item.attack)
    known, survivors = first_lost(clean, attacked, item.attack.norm, item.attack.epsilon)
    if len(survivors):
        known = known.updated(survivors, runner.run(name, item.attack, survivors, quiet=True))
    runner.say(f"{name}: accuracy {known.accuracy:.1%} with what withstood the attacks before")
    return known
