"""A plan as a config with its reasons, and as a figure."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
import yaml
from matplotlib.figure import Figure

from custom.counts import counted
from custom.planning.decision import Decision
from custom.planning.epsilon import gray_levels
from custom.planning.plan import Plan
from custom.planning.radius import SmallestRadii
from custom.report.style import COLORS, INK, STYLE, WIDTH

WIDTH_OF_TEXT = 110
SHARES = (1.0, 0.9, 0.75, 0.5, 0.25, 0.1)
"""Shares of clean accuracy whose radii are listed."""


def as_yaml(plan: Plan, file: Path) -> str:
    """Write a plan as an override file for a training, each setting below its reason.

    Args:
        plan: the plan.
        file: what the file will be called, for the commands in it.
    """
    data, config = plan.data, plan.config
    lines = [
        *_comment(f"Plan of a training on {data}: settings over bundle/configs/train.json, to be edited as you like."),
        f"#   python -m custom train --data {data} --config {file}",
        f"#   python -m custom.bundle run training --config_file bundle/configs/train.json,{file}",
        "#",
        *(line for fact in plan.facts for line in _comment(fact)),
        "#",
        *_comment(f"Expected: {plan.estimate}"),
    ]
    if plan.radii:
        lines += ["#", *(f"# {line}" for line in accuracy_table(plan.radii, config["image_size"]))]
    for decision in plan.decisions:
        lines += ["", *_comment(decision.reason), _setting(decision)]
    return "\n".join(lines) + "\n"


def _setting(decision: Decision) -> str:
    """A line of YAML."""
    nested = isinstance(decision.value, dict | list)
    # A mapping in braces, on the line of its key.
    content = {"value": decision.value} if not nested else decision.value
    written = yaml.safe_dump(content, default_flow_style=nested, sort_keys=False, width=10**6).strip()
    return f"{decision.key}: {written if nested else written.removeprefix('value: ')}"


def _comment(sentence: str) -> list[str]:
    return textwrap.wrap(
        " ".join(sentence.split()), WIDTH_OF_TEXT, initial_indent="# ", subsequent_indent="# ", break_long_words=False
    )


def accuracy_table(radii: Sequence[SmallestRadii], size: int) -> list[str]:
    """Lines with the radii at which a standard network's accuracy has fallen to shares of its clean accuracy.

    Args:
        radii: of both norms.
        size: edge of the images in pixels.
    """
    clean = radii[0].accuracy(0)
    lines = [
        f"A standard network's accuracy against epsilon, on {counted(len(radii[0].radii), 'validation image')};",
        "in brackets gray levels per value, spread evenly in l2:",
        f"{'accuracy':>10}" + "".join(f"{entry.norm:>22}" for entry in radii),
    ]
    for share in SHARES:
        cells = []
        for entry in radii:
            epsilon = 0.0 if share == 1 else entry.radius_at(share)
            shown = "not reached"
            if epsilon is not None:
                shown = f"{epsilon:.4g} ({gray_levels(epsilon, entry.norm, size):.2f})"
            cells.append(f"{shown:>22}")
        lines.append(f"{share * clean:>10.1%}" + "".join(cells))
    return lines


@matplotlib.rc_context(STYLE)
def accuracy_figure(plan: Plan) -> Figure:
    """Draw accuracy against epsilon in both norms, with the chosen radius.

    Args:
        plan: a plan with radii.
    """
    size, chosen = plan.config["image_size"], plan.config
    figure = Figure(figsize=(2 * WIDTH, 3.1), layout="constrained")
    for axis, entry, color in zip(figure.subplots(1, len(plan.radii)), plan.radii, COLORS, strict=False):
        fooled = np.sort(entry.radii[np.isfinite(entry.radii) & (entry.radii > 0)])
        epsilons = np.concatenate([[0.0], fooled])
        axis.step(epsilons, [100 * entry.accuracy(epsilon) for epsilon in epsilons], where="post", color=color)
        if entry.norm == chosen["norm"]:
            axis.axvline(chosen["epsilon"], color=INK, linestyle=":", label=f"epsilon {chosen['epsilon']:g}")
            axis.legend(frameon=False)
        axis.set(xlabel=f"{entry.norm} radius", ylabel="accuracy in %", ylim=(0, 100), xlim=(0, None))
        levels = axis.secondary_xaxis(
            "top",
            functions=(
                lambda epsilon, norm=entry.norm: gray_levels(epsilon, norm, size),
                lambda level, norm=entry.norm: level / gray_levels(1.0, norm, size),
            ),
        )
        levels.set_xlabel("gray levels a value" + (", spread evenly" if entry.norm == "l2" else ""))
        axis.grid(alpha=0.25)
    return figure


def figure_png(figure: Figure) -> bytes:
    """Write a figure as PNG.

    Args:
        figure: the figure.
    """
    stored = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(stored, format="png", dpi=150)
    return stored.getvalue()
