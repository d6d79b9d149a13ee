"""Accuracy, clean, in the worst case, and under each attack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.counts import counted
from custom.report.page import Cell, Section, Table
from custom.report.sections.cells import attack, number, radius, share


def accuracy_section(metrics: Mapping[str, Any]) -> Section:
    """The headline and what it follows from."""
    clean = metrics["clean"]
    headline = [[Cell("Clean images"), "none", share(clean["images"]["accuracy"]), share(clean["rounded"]["accuracy"])]]
    for ball in metrics["robust_accuracy"]:
        headline.append([Cell("Worst case"), Cell(radius(ball)), share(ball), share(ball["rounded"])])
    rows = [
        [
            attack(record),
            radius(record),
            share(record["images"]["accuracy"]),
            share(record["rounded"]["accuracy"]),
            number(record["perturbation"]["l2"]["mean"]),
            f"{255 * record['perturbation']['linf']['largest']:.2f}/255",
        ]
        for record in [*metrics["attacks"].values(), *metrics["radii"]]
    ]
    tables = [
        Table(["Accuracy in %", "Within", "As computed", "Stored with 8 bits"], headline, 2, range(1, len(headline)))
    ]
    if rows:
        header = ["Attack", "Within", "As computed", "Stored with 8 bits", "Mean ℓ2", "Largest change"]
        tables.append(Table(header, rows, 2, title="Each attack alone"))
    lost = [
        f"Within {radius(ball)}: {ball['correct_clean']} of {counted(ball['images'], 'image')} classified correctly "
        f"when clean, {ball['correct']} of them in the worst case."
        + (f" Lost to {_lost(ball)}." if any(ball["lost_to"].values()) else "")
        + ("" if ball["strong"] else " No strong attack is among them: more may be lost.")
        for ball in metrics["robust_accuracy"]
    ]
    texts = [
        "An image counts in the worst case only if it is classified correctly when clean and under every attack within "
        "the radius. Below each share is its 95 % interval. Stored with 8 bits: the attacked images rounded to whole "
        "gray levels, as files hold them.",
        *lost,
    ]
    return Section("accuracy", "Accuracy", texts, tables)


def _lost(ball: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in ball["lost_to"].items() if count)
