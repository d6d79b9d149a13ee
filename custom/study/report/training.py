"""What the trainings did: radii, loss differences, cost, and the choice of a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from custom.report.figures import Line, lines_figure
from custom.report.page import Cell, Panel, Section, Table
from custom.report.sections.cells import NOTHING
from custom.study.report.accuracy import PAPER_ARMS
from custom.study.results import Arm, Group
from custom.study.selection import best_validation, method_and_recipe, recipe_arm, recipe_scores

MOST_CURVES = 6
"""A figure holds no more curves."""


def training_section(group: Group) -> Section:
    """Training curves of the radius and of the mean loss difference, and what an epoch costs.

    Args:
        group: the group.
    """
    panels = []
    radii = _mean_curves(group.arms, "epsilon_mean", "epsilon_std")
    if radii:
        figure = lines_figure(
            radii, title="Training radius", xlabel="epoch", ylabel="epsilon_i", ylim=(0, _top(radii)), marker="o"
        )
        panels.append(
            Panel(f"{group.name}_radius", figure, "Mean epsilon_i of each epoch, with its standard deviation.")
        )
    losses = _mean_curves(group.arms, "delta_loss_mean")
    if losses:
        # The head's warm-up has differences ten times as large.
        top = _top({name: Line(line.x[2:], line.y[2:]) for name, line in losses.items() if len(line.y) > 2}) or None
        figure = lines_figure(
            losses,
            title="Mean loss difference",
            xlabel="epoch",
            ylabel="dL_avg in nats",
            ylim=(0, top or _top(losses)),
            marker="o",
        )
        panels.append(Panel(f"{group.name}_delta_loss", figure, "dL_avg, equation 14, mean over each epoch."))
    header = ["Arm", "CPU seconds an epoch", "As a multiple of STD", "Mean radius / epsilon", "Evaluation, CPU seconds"]
    base = _cost(group.arms["STD"], "cpu_seconds_per_epoch") if "STD" in group.arms else None
    rows = [_cost_row(arm, base) for arm in group.arms.values()]
    texts = [
        "CPU seconds of one thread on the machine of the study, the start of the program included; runs beside each "
        "other compete for memory and caches, so differences below a tenth say nothing."
    ]
    return Section(
        f"{group.name}_training",
        f"{group.title}: trainings and cost",
        texts,
        [Table(header, rows, 1)],
        panels,
        folded=True,
    )


def selection_section(group: Group) -> Section:
    """How a recipe was chosen: validation figures alone.

    Args:
        group: a group that is not evaluated on test images.
    """
    recipes = list(group.facts["recipes"])
    methods = list(dict.fromkeys(method_and_recipe(name, recipes)[0] for name in group.arms))
    scores = {name: [best_validation(record) for record in arm.records.values()] for name, arm in group.arms.items()}
    means = recipe_scores(recipes, scores)
    rows: list[list[object]] = []
    for recipe in recipes:
        own = [scores.get(recipe_arm(method, recipe), []) for method in methods]
        shown = [f"{100 * np.mean(values):.1f}" if values else NOTHING for values in own]
        mean = f"{100 * means[recipe]:.1f}" if recipe in means else NOTHING
        rows.append([Cell(recipe), str(max(map(len, own))), *shown, mean])
    complete = group.finished == group.planned
    best = max(means, key=lambda recipe: means[recipe])
    key = [recipes.index(best)] if complete else []
    chosen = f"Chosen: {best}." if complete else "The recipe is chosen when all of these runs are finished."
    texts = [
        str(group.facts.get("description", "")),
        "Mean of clean and attacked validation accuracy in %, at each training's best epoch. Differences of a few "
        "points are within the noise of so few validation images.",
        chosen,
    ]
    return Section(
        group.name,
        group.title,
        [text for text in texts if text],
        [Table(["Recipe", "Seeds", *methods, "Mean"], rows, 1, key)],
    )


def _mean_curves(arms: Mapping[str, Arm], column: str, spread: str = "") -> dict[str, Line]:
    """A column of the training curves by epoch, mean of the seeds; the paper's arms come first."""
    lines: dict[str, Line] = {}
    for name, arm in sorted(arms.items(), key=lambda item: item[0] not in (*PAPER_ARMS, "D-A")):
        columns, spreads = arm.history(column), arm.history(spread) if spread else []
        if not columns or len(lines) == MOST_CURVES:
            continue
        values = mean_by_epoch(columns)
        epochs = list(range(1, len(values) + 1))
        if spreads:
            deviation = mean_by_epoch(spreads)
            lines[name] = Line(epochs, values.tolist(), (values - deviation).tolist(), (values + deviation).tolist())
        else:
            lines[name] = Line(epochs, values.tolist())
    return lines


def mean_by_epoch(columns: Sequence[Sequence[float | None]]) -> np.ndarray:
    """The mean over the seeds for each epoch that all have; NaN if none has a figure.

    Args:
        columns: of each seed, at least one, a figure for each epoch, or ``None``.

    Returns:
        Shape (E,).
    """
    length = min(map(len, columns))
    table = np.array([[np.nan if value is None else value for value in column[:length]] for column in columns])
    # Masked, as an epoch without a figure in any seed, such as one of a clean warm-up, has no mean.
    return np.asarray(np.ma.masked_invalid(table).mean(axis=0).filled(np.nan))


def _top(lines: Mapping[str, Line]) -> float:
    ends = [value for line in lines.values() for value in (line.high if line.high is not None else line.y)]
    return 1.1 * max(ends, default=0.0)


def _cost(arm: Arm, key: str) -> float | None:
    known = [record["cost"][key] for record in arm.records.values() if record["cost"].get(key)]
    return float(np.mean(known)) if known else None


def _cost_row(arm: Arm, base: float | None) -> list[object]:
    epoch, evaluation = (_cost(arm, key) for key in ("cpu_seconds_per_epoch", "evaluation_cpu_seconds"))
    scale = float(np.mean([record["measures"]["epsilon_scale"] for record in arm.records.values()]))
    return [
        Cell(arm.name),
        NOTHING if epoch is None else f"{epoch:.0f}",
        NOTHING if epoch is None or not base else f"{epoch / base:.1f}",
        NOTHING if all(record["settings"]["method"] == "std" for record in arm.records.values()) else f"{scale:.2f}",
        NOTHING if evaluation is None else f"{evaluation:.0f}",
    ]
