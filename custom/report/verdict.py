"""What an evaluation says, in three sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from custom.report.threat_model import strongest_attacks


@dataclass(frozen=True)
class Verdict:
    """The answer to "how robust is it?".

    Attributes:
        sentences: three sentences; the last is about the checks.
        failures: checks that failed, with their figures; a reader must see them before the figures.
    """

    sentences: tuple[str, str, str]
    failures: tuple[str, ...]


def percent(interval: Mapping[str, float], unit: str = " %") -> str:
    """A share with its interval: ``67.1 % (62.4 to 71.5)``, or without a unit, where a table states it."""
    value, low, high = interval["value"], interval["low"], interval["high"]
    known = low is not None and low == low
    return f"{100 * value:.1f}{unit}" + (f" ({100 * low:.1f} to {100 * high:.1f})" if known else "")


def verdict(summary: Mapping[str, Any]) -> Verdict:
    """Say how accurate the classifier is, how much of it attacks leave, and whether to believe it.

    Args:
        summary: the content of ``metrics.json``.
    """
    clean, attacks, data = summary["clean"]["images"], summary["attacks"], summary["data"]
    first = (
        f"The classifier recognises {percent(clean['accuracy'])} of {data['images']} clean images of "
        f"{data['lesions']} lesions."
    )
    strongest = strongest_attacks(attacks)
    if not strongest:
        return Verdict((first, "It was not attacked.", "So nothing is known about its robustness."), failures=())
    parts = [
        f"{percent(attacks[name]['images']['accuracy'])} within {ball} ({name})" for ball, name in strongest.items()
    ]
    second = f"Under the strongest attack tried it keeps {' and '.join(parts)}"
    # The class that loses most is the one to worry about.
    ball, name = min(strongest.items(), key=lambda item: attacks[item[1]]["images"]["accuracy"]["value"])
    attacked = attacks[name]["images"]
    lost = {key: clean[f"recall_{key}"]["value"] - attacked[f"recall_{key}"]["value"] for key in summary["classes"]}
    worst = max(lost, key=lambda key: lost[key])
    before, after = (100 * metrics[f"recall_{worst}"]["value"] for metrics in (clean, attacked))
    second += (
        f"; hardest hit is {worst}, recognised in {before:.1f} % of its clean images and {after:.1f} % of "
        f"the attacked ({ball})."
    )
    checks = summary["checks"]
    failed = [check for check in checks if not check["passed"]]
    if not checks:
        third = "No check against false robustness was made, so the attacks may have failed for other reasons."
    elif failed:
        third = f"{len(failed)} of {len(checks)} checks against false robustness failed: do not rely on this."
    else:
        third = f"All {len(checks)} checks against false robustness passed."
    return Verdict((first, second, third), tuple(f"{check['name']}: {check['detail']}" for check in failed))
