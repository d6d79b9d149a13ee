"""The paper's tables and figures, with the study's figures beside them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from custom.metrics import group_weights, resampled_metrics
from custom.metrics.classification import classification_metrics
from custom.metrics.hierarchical import HierarchicalEstimate, estimate_of, hierarchical_mean
from custom.report.figures import confusion_matrix_figure, intervals_figure
from custom.report.page import Cell, Panel, Section, Table
from custom.report.sections.cells import NOTHING
from custom.study.packed import from_digits
from custom.study.report.accuracy import PAPER_ARMS
from custom.study.report.cells import number_cell, percent_cell
from custom.study.report.measures import CLEAN, PGD20, ROBUST, TABLE_ONE
from custom.study.results import Arm, Group

TABLES = Path(__file__).parent / "paper"
RESAMPLES = 400
ABLATION = {"D-A": "D-A", "D-B": "D-B", "DPAAT": "D-(A+B)"}
TABLE_TWO = {
    "mAP": ("clean", "average_precision"),
    "mARP": ("pgd20", "average_precision"),
    "precision": ("clean", "precision"),
    "recall": ("clean", "recall"),
    "F1": ("clean", "f1"),
}


def paper_section(group: Group) -> Section | None:
    """Tables I and II and figures 2 to 4 of the paper; ``None`` if none of its methods was tested.

    Args:
        group: the group.
    """
    arms = {name: arm for name, arm in group.tested.items() if name in PAPER_ARMS}
    if not arms:
        return None
    rows = str(group.facts.get("paper_rows", ""))
    tables = [_table_one(group, arms, rows), _table_two(group, arms, rows)]
    stability = _stability(group)
    tables += [stability] if stability else []
    texts = [
        "Each arm's row has this study's figures. The paper's, where given, are of three networks at 224x224 with 800 "
        "training images per class for 10 + 50 epochs, split by image; read the rows 'paper' with that in mind.",
        "Precision, recall, F1 and mAP are of clean images, mARP of images under 20-PGD; all are means over classes.",
    ]
    panels = [*_confusion(group, arms), *_ablation(group)]
    return Section(f"{group.name}_paper", f"{group.title}: the paper's tables and figures", texts, tables, panels)


def read_paper_table(number: int) -> dict[tuple[str, str], dict[str, float]]:
    """A table of the paper, by networks and method.

    Args:
        number: 1 or 2.
    """
    with (TABLES / f"table{number}.csv").open(newline="", encoding="utf-8") as file:
        return {
            (row.pop("networks"), row.pop("method")): {key: float(value) for key, value in row.items()}
            for row in csv.DictReader(file)
        }


def _table_one(group: Group, arms: dict[str, Arm], rows: str) -> Table:
    paper, cells = read_paper_table(1), []
    for name, arm in arms.items():
        cells.append([Cell(name), "here", *(percent_cell(m.estimate(arm, group.test_set)) for m in TABLE_ONE)])
        if (rows, name) in paper:
            cells.append([Cell(name), f"paper, {rows}", *(f"{paper[rows, name][m.title]:.2f}" for m in TABLE_ONE)])
    header = ["Method", "Figures", *(measure.title for measure in TABLE_ONE)]
    return Table(header, cells, 2, title="Table I: accuracy in %, attacked and clean (GAcc)")


def _table_two(group: Group, arms: dict[str, Arm], rows: str) -> Table:
    paper, cells = read_paper_table(2), []
    for name, arm in arms.items():
        found = table_two(arm, group)
        cells.append([Cell(name), "here", *(number_cell(found[key]) if key in found else NOTHING for key in TABLE_TWO)])
        if (rows, name) in paper:
            cells.append([Cell(name), f"paper, {rows}", *(f"{paper[rows, name][key]:.4f}" for key in TABLE_TWO)])
    return Table(["Method", "Figures", *TABLE_TWO], cells, 2, title="Table II")


def table_two(arm: Arm, group: Group) -> dict[str, HierarchicalEstimate]:
    """The columns of table II of one arm, with intervals over seeds and lesions.

    Args:
        arm: the arm.
        group: its group.
    """
    test = group.test_set
    names = list(test.classes)
    weights = np.concatenate(list(group_weights(test.lesions, RESAMPLES, 0)))
    found = {}
    for attack in ("clean", "pgd20"):
        if attack != "clean" and not arm.has(attack):
            continue
        probabilities = arm.probabilities(attack, len(names))
        values = [classification_metrics(test.labels, part, names) for part in probabilities]
        draws = [resampled_metrics(test.labels, part, names, weights) for part in probabilities]
        for key, (of, metric) in TABLE_TWO.items():
            if of == attack:
                mean = float(np.mean([value[metric] for value in values]))
                found[key] = estimate_of(mean, np.stack([draw[metric] for draw in draws], axis=1))
    return found


def _confusion(group: Group, arms: dict[str, Arm]) -> list[Panel]:
    """Figure 2: confusion matrices, clean and under 20-PGD, all seeds together."""
    test, panels = group.test_set, []
    classes = len(test.classes)
    for name, arm in arms.items():
        for attack, title in (("clean", "clean"), ("pgd20", "20-PGD")):
            if attack != "clean" and not arm.has(attack):
                continue
            counts = np.zeros((classes, classes), dtype=int)
            for seed in arm.seeds:
                np.add.at(counts, (test.labels, from_digits(arm.attack(attack, seed)["predicted"])), 1)
            figure = confusion_matrix_figure(counts, test.classes, f"{name}, {title}")
            caption = f"Figure 2: {name}, {title}, {_seeds(len(arm.seeds))}."
            panels.append(Panel(f"{group.name}_confusion_{name}_{attack}", figure, caption))
    return panels


def _seeds(number: int) -> str:
    return "one seed" if number == 1 else f"{number} seeds together"


def _ablation(group: Group) -> list[Panel]:
    """Figure 3: the adaptive radius alone, the synchronization loss alone, and both."""
    arms = {title: group.tested[name] for name, title in ABLATION.items() if name in group.tested}
    if len(arms) < len(ABLATION):
        return []
    series = {
        measure.title: [
            {end: getattr(found, end) for end in ("value", "low", "high")}
            if (found := measure.estimate(arm, group.test_set)) is not None
            else None
            for arm in arms.values()
        ]
        for measure in (CLEAN, PGD20, ROBUST)
    }
    figure = intervals_figure(list(arms), series, title="Figure 3: both parts and either", xlabel="accuracy in %")
    return [Panel(f"{group.name}_ablation", figure, "D-A: adaptive radius alone; D-B: synchronization loss alone.")]


def _stability(group: Group) -> Table | None:
    """Figure 4 in numbers: how much Grad-CAM's maps change under attack."""
    cells = []
    for name, arm in group.tested.items():
        found = [arm.records[seed]["explanations"].get("rank_correlation") for seed in arm.seeds]
        values = [entry["value"] for entry in found if entry and entry["value"] is not None]
        if values:
            images = sum(entry["images"] for entry in found if entry)
            # The records have a mean for each seed, so that the interval is over seeds alone.
            spread = hierarchical_mean(np.array(values)[:, None], [0], resamples=2000)
            cell = number_cell(spread) if len(values) > 1 else Cell(f"{values[0]:.3f}")
            cells.append([Cell(name), str(len(values)), str(images), cell])
    if not cells:
        return None
    title = "Figure 4 in numbers: rank correlation of Grad-CAM's maps of an image, clean and under 20-PGD"
    return Table(["Arm", "Seeds", "Images, all seeds", "Stability (interval over seeds)"], cells, 1, title=title)
