"""What the paper claims and what controls ask, and what the figures say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from custom.counts import counted
from custom.study.report.comparisons import FEWEST_SEEDS, Comparison, corrected, difference_of
from custom.study.report.measures import CLEAN, PGD20, ROBUST, ROBUST_TWICE, Measure
from custom.study.results import Group

PAPER, CONTROL = "paper", "control"


@dataclass(frozen=True)
class Claim:
    """A claim that a difference is positive.

    Attributes:
        text: the claim.
        source: `PAPER` or `CONTROL`.
        measure: what is compared.
        first: the arm that should have more.
        second: the arm that should have less.
    """

    text: str
    source: str
    measure: Measure
    first: str
    second: str


CLAIMS = (
    *(
        Claim(f"DPAAT is more accurate than {other} under the paper's 20-PGD", PAPER, PGD20, "DPAAT", other)
        for other in ("AT", "SAT", "AMAT")
    ),
    *(
        Claim(f"DPAAT is more robust than {other} in the worst case over all attacks", PAPER, ROBUST, "DPAAT", other)
        for other in ("AT", "SAT", "AMAT")
    ),
    *(
        Claim(f"DPAAT is more accurate than {other} on clean images", PAPER, CLEAN, "DPAAT", other)
        for other in ("AT", "SAT", "AMAT")
    ),
    Claim("Adversarial training costs accuracy on clean images", PAPER, CLEAN, "STD", "AT"),
    Claim("The adaptive radius alone (D-A) is less robust than both parts", PAPER, PGD20, "DPAAT", "D-A"),
    Claim("The synchronization loss alone (D-B) is less robust than both parts", PAPER, PGD20, "DPAAT", "D-B"),
    Claim("DPAAT is more robust than AT at twice the training radius", CONTROL, ROBUST_TWICE, "DPAAT", "AT"),
    Claim(
        "DPAAT is more robust than AT at DPAAT's mean radius, so that adapting it matters",
        CONTROL,
        ROBUST,
        "DPAAT",
        "AT, DPAAT's mean radius",
    ),
    Claim(
        "DPAAT is more robust than SAT at DPAAT's mean radius, so that adapting it matters",
        CONTROL,
        ROBUST,
        "DPAAT",
        "SAT, DPAAT's mean radius",
    ),
    Claim(
        "DPAAT's radii help the images that they were found for: shuffled they do worse",
        CONTROL,
        ROBUST,
        "DPAAT",
        "DPAAT, radii shuffled",
    ),
    Claim(
        "The corrected synchronization loss is more robust than the one printed",
        CONTROL,
        ROBUST,
        "DPAAT",
        "DPAAT, L_syn as printed",
    ),
)


@dataclass(frozen=True)
class Finding:
    """What the figures say of a claim.

    Attributes:
        claim: the claim.
        comparison: the difference that it is about, corrected for the number of claims.
    """

    claim: Claim
    comparison: Comparison

    @property
    def verdict(self) -> str:
        """``"supported"``, ``"contradicted"`` or ``"not settled"``."""
        if not self.comparison.shown:
            return "not settled"
        return "supported" if self.comparison.difference.value > 0 else "contradicted"

    @property
    def sentence(self) -> str:
        """The claim, the verdict and its evidence in one sentence."""
        found = self.comparison.difference
        value, low, high = (100 * number for number in found[:3])
        seeds = counted(found.seeds, "seed")
        few = f" (fewer than {FEWEST_SEEDS} settle nothing)" if found.seeds < FEWEST_SEEDS else ""
        return (
            f"{self.claim.text}: {self.verdict}. {self.claim.first} minus {self.claim.second}: {value:+.1f} points "
            f"({low:+.1f} to {high:+.1f}), p {self.comparison.p_value:.2g}, {seeds}{few}."
        )


def findings(group: Group) -> list[Finding]:
    """The claims that a group's finished runs say something of, corrected for their number.

    Args:
        group: the group.
    """
    pairs = [
        (claim, comparison)
        for claim in CLAIMS
        if (comparison := difference_of(group, claim.measure, claim.first, claim.second)) is not None
    ]
    adjusted = corrected([comparison for _, comparison in pairs])
    return [Finding(claim, comparison) for (claim, _), comparison in zip(pairs, adjusted, strict=True)]


def recommendation(group: Group, comparisons: Sequence[Comparison]) -> list[str]:
    """Which arm to take for which wish, in sentences that the figures alone decide.

    Args:
        group: the group.
        comparisons: of its arms, corrected.
    """
    sentences = []
    for wish, measure in (
        ("accuracy on clean images", CLEAN),
        ("accuracy in the worst case within the training radius", ROBUST),
        ("accuracy in the worst case within twice the radius", ROBUST_TWICE),
    ):
        values = {
            name: estimate.value
            for name, arm in group.tested.items()
            if (estimate := measure.estimate(arm, group.test_set)) is not None
        }
        if len(values) < 2:
            continue
        best = max(values, key=lambda name: values[name])
        rivals = [item for item in comparisons if item.measure is measure and best in (item.arm, item.reference)]
        beaten = [item.reference if item.arm == best else item.arm for item in rivals if item.shown]
        sentence = f"For {wish}: {best} has most, {100 * values[best]:.1f} %"
        if beaten:
            sentence += f"; its lead over {', '.join(beaten)} is more than chance"
        elif best not in ("AT", "DPAAT"):
            sentence += "; no lead over AT or DPAAT is more than chance"
        sentences.append(f"{sentence}.")
    return sentences
