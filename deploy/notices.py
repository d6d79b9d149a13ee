"""The sentences that every output has to carry, and who says them."""

from __future__ import annotations

from deploy.case import Finding, Stability

APPLICATION = "Robust image classification"
NOT_FOR_CLINICAL_USE = "Not for clinical use: the answer of a research model, which is not a medical device."
QUALITY_CHECK = "The stability flag is a quality check, not a diagnosis."
UNSTABLE = "Unstable near the decision boundary"
STABLE = "Stable under a small attack"


def stability_sentence(finding: Finding) -> str:
    """Say whether the prediction is stable, and under what.

    Args:
        finding: the prediction and its stability.

    Returns:
        One sentence.

    """
    stability = finding.stability
    ball = f"an attack within {stability.ball.norm} {stability.ball.epsilon:g}"
    if stability.stable:
        return f"{STABLE}: {ball} leaves the class {finding.prediction.class_name}."
    return f"{UNSTABLE}: {ball} turns the class {finding.prediction.class_name} into {stability.attacked.class_name}."


def stability_flag(stability: Stability) -> str:
    """The flag alone: :data:`STABLE` or :data:`UNSTABLE`."""
    return STABLE if stability.stable else UNSTABLE


def all_notices(finding: Finding) -> str:
    """Put together what a reader of any output must see.

    Args:
        finding: what the output is about.

    Returns:
        Three sentences.

    """
    return f"{NOT_FOR_CLINICAL_USE} {stability_sentence(finding)} {QUALITY_CHECK}"
