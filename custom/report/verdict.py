"""What an evaluation says about a classifier, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from custom.counts import counted

Level = Literal["green", "amber", "red"]

NEAR_ZERO = 0.1
"""A class of which fewer images are recognized counts as not recognized."""

KEPT = 0.5
"""Share of its lead over guessing that a robust classifier keeps under attack."""


def percent(interval: Mapping[str, float], unit: str = " %") -> str:
    """A share with its interval: ``67.1 % (62.4 to 71.5)``, or without a unit if a table states it."""
    return f"{100 * interval['value']:.1f}{unit} ({100 * interval['low']:.1f} to {100 * interval['high']:.1f})"


@dataclass(frozen=True)
class Check:
    """A sanity check for gradient masking.

    Attributes:
        name: what must hold.
        passed: whether it does.
        detail: the figures.
    """

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Ball:
    """The worst case within one radius.

    Attributes:
        radius: in words, such as ``ℓ2 0.3``.
        accuracy: share of images that are correct when clean and under each attack, with ``value``, ``low``, ``high``.
        recalls: the same share of each class, by its name.
        invisible: whether the eye does not see a change of this size.
        attacks: names of the attacks that were tried.
    """

    radius: str
    accuracy: Mapping[str, float]
    recalls: Mapping[str, float]
    invisible: bool
    attacks: Sequence[str]


@dataclass(frozen=True)
class Evidence:
    """What a verdict follows from.

    Attributes:
        images: number of test images.
        groups: what they show, such as ``"375 lesions"``; empty if every image stands for itself.
        class_names: by name what each class is called in sentences.
        accuracy: share of clean images that are right, with ``value``, ``low``, ``high``.
        recalls: the same share of each class, by its name.
        shares: share of the test images that each class has, by its name.
        balls: what attacks leave, by radius; the first one is the headline.
        checks: the sanity checks made.
    """

    images: int
    groups: str
    class_names: Mapping[str, str]
    accuracy: Mapping[str, float]
    recalls: Mapping[str, float]
    shares: Mapping[str, float]
    balls: Sequence[Ball]
    checks: Sequence[Check]

    @property
    def chance(self) -> float:
        """Accuracy of a guess that has nothing to go by."""
        return 1 / len(self.shares)

    @property
    def constant(self) -> float:
        """Accuracy of always answering the most frequent class."""
        return max(self.shares.values())


@dataclass(frozen=True)
class Verdict:
    """The answer to "how robust is it?".

    Attributes:
        level: ``"green"`` if the classifier is robust, ``"red"`` if it is not or the figures cannot be relied on,
            ``"amber"`` in between.
        title: in a few words.
        plain: one paragraph for a reader who knows nothing of attacks.
        precise: the same with intervals and radii.
        reasons: all that speaks against relying on the classifier or on the figures.
    """

    level: Level
    title: str
    plain: str
    precise: str
    reasons: tuple[str, ...]


def verdict(evidence: Evidence) -> Verdict:
    """Say what a classifier is worth, clean and under attack.

    Green needs all of this: it is better than chance and than a constant answer, clean and in the worst case, by more
    than chance explains; under attack it keeps at least half of its lead over them; of each class at least a
    tenth is recognized, clean and attacked; at least one sanity check was made, and none failed.

    Args:
        evidence: the figures.
    """
    reasons: list[tuple[Level, str, str]] = [
        *_failed_checks(evidence),
        *_guessing(evidence),
        *_not_recognized(evidence),
        *_fragile(evidence),
        *_not_examined(evidence),
    ]
    red = [reason for reason in reasons if reason[0] == "red"]
    level, title, _ = (red or reasons or [("green", f"Robust within {_balls(evidence)}", "")])[0]
    return Verdict(level, title, _plain(evidence), _precise(evidence), tuple(text for *_, text in reasons))


def _balls(evidence: Evidence) -> str:
    return " and ".join(ball.radius for ball in evidence.balls)


def _failed_checks(evidence: Evidence) -> list[tuple[Level, str, str]]:
    failed = [check for check in evidence.checks if not check.passed]
    title = "Do not rely on these figures"
    return [("red", title, f"A sanity check failed: {check.name} ({check.detail}).") for check in failed]


def _guessing(evidence: Evidence) -> list[tuple[Level, str, str]]:
    """What is not better than a guess, clean or in the worst case."""
    frequent = max(evidence.shares, key=lambda name: evidence.shares[name])
    reasons: list[tuple[Level, str, str]] = []
    if sorted(evidence.recalls.values()) == [0.0] * (len(evidence.recalls) - 1) + [1.0]:
        only = max(evidence.recalls, key=lambda name: evidence.recalls[name])
        reasons.append(("red", "A constant answer", f"It answers {evidence.class_names[only]} for every image."))
    bars = {"chance": evidence.chance, f"always answering {evidence.class_names[frequent]}": evidence.constant}
    cases = {"on clean images": evidence.accuracy} | {
        f"in the worst case within {ball.radius}": ball.accuracy for ball in evidence.balls
    }
    for where, accuracy in cases.items():
        below = {name: value for name, value in bars.items() if accuracy["low"] <= value}
        if below:
            name = max(below, key=lambda key: below[key])
            bar = f"{name} ({100 * below[name]:.1f} %)"
            clean = where == "on clean images"
            reasons.append(
                (
                    "red",
                    "Not better than guessing" if clean else "Not robust",
                    f"Its accuracy {where}, {percent(accuracy)}, is not clearly better than {bar}.",
                )
            )
            if clean:
                break
    return reasons


def _not_recognized(evidence: Evidence) -> list[tuple[Level, str, str]]:
    reasons: list[tuple[Level, str, str]] = []
    clean = {name for name, recall in evidence.recalls.items() if recall < NEAR_ZERO}
    for name in evidence.recalls:
        called = evidence.class_names[name]
        if name in clean:
            recall = 100 * evidence.recalls[name]
            text = f"It recognizes hardly any image of {called}: {recall:.1f} % of the clean ones."
            reasons.append(("red", "A class is not recognized", text))
            continue
        lost = [ball for ball in evidence.balls if ball.recalls[name] < NEAR_ZERO]
        if lost:
            shares = " and ".join(f"{100 * ball.recalls[name]:.1f} % within {ball.radius}" for ball in lost)
            text = f"Under attack it recognizes hardly any image of {called}: {shares}."
            reasons.append(("amber", "A class is lost under attack", text))
    return reasons


def _fragile(evidence: Evidence) -> list[tuple[Level, str, str]]:
    guess = max(evidence.chance, evidence.constant)
    lead = evidence.accuracy["value"] - guess
    return [
        (
            "amber",
            "Partly robust",
            f"Within {ball.radius} it loses more than half of its lead over guessing.",
        )
        for ball in evidence.balls
        if lead > 0 and ball.accuracy["low"] > guess and ball.accuracy["value"] - guess < KEPT * lead
    ]


def _not_examined(evidence: Evidence) -> list[tuple[Level, str, str]]:
    if not evidence.balls:
        text = "No attack was made: nothing is known about its robustness."
        return [("amber", "Robustness unknown", text)]
    if not evidence.checks:
        text = "No check was made: the attacks may have failed for other reasons than robustness."
        return [("amber", "Robustness not checked", text)]
    return []


def _plain(evidence: Evidence) -> str:
    recognized = round(100 * evidence.accuracy["value"])
    text = f"Of 100 images the classifier recognizes {recognized}"
    if evidence.balls:
        ball = evidence.balls[0]
        left = round(100 * ball.accuracy["value"])
        change = "by less than the eye sees" if ball.invisible else f"on purpose, by up to {ball.radius}"
        lost = f"{recognized - left} of these are" if left < recognized else "none of these is"
        rest = f", which leaves {left}" if left < recognized else ""
        text += f"; {lost} lost when their pixels are changed {change}{rest}."
    else:
        text += "; whether small changes of their pixels mislead it was not tried."
    guess = f" By chance it would be {100 * evidence.chance:.0f}"
    if evidence.constant > 1.01 * evidence.chance:
        frequent = evidence.class_names[max(evidence.shares, key=lambda name: evidence.shares[name])]
        guess += f", and {100 * evidence.constant:.0f} if it always answered {frequent}"
    return f"{text}{guess}."


def _precise(evidence: Evidence) -> str:
    of_groups = f" of {evidence.groups}" if evidence.groups else ""
    text = f"Accuracy on {counted(evidence.images, 'clean image')}{of_groups}: {percent(evidence.accuracy)}"
    for ball in evidence.balls:
        attacks = ", ".join(ball.attacks)
        text += (
            f"; worst case per image within {ball.radius}, correct when clean and under every attack ({attacks}): "
            f"{percent(ball.accuracy)}"
        )
    passed = sum(check.passed for check in evidence.checks)
    checks = (
        f"{passed} of {counted(len(evidence.checks), 'sanity check')} passed."
        if evidence.checks
        else "No check was made."
    )
    return f"{text}. In brackets 95 % intervals. {checks}"
