"""Accuracy, robustness and the trade-off between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.figure import Figure

from custom.metrics.hierarchical import hierarchical_mean
from custom.report.figures import Line, lines_figure
from custom.report.page import Cell, Panel, Section, Table
from custom.report.style import COLORS, INK, STYLE, panel, shorten
from custom.study.report.cells import difference_cell, percent_cell
from custom.study.report.comparisons import REFERENCES, Comparison
from custom.study.report.measures import AREA, CLEAN, COMPARED, MAIN, ROBUST, ROBUST_TWICE
from custom.study.results import Arm, Group

PAPER_ARMS = ("STD", "AT", "SAT", "AMAT", "DPAAT")


def accuracy_section(group: Group, comparisons: Sequence[Comparison]) -> Section:
    """Every arm's accuracy, clean and attacked, and its differences to AT and DPAAT.

    Args:
        group: the group.
        comparisons: of its arms, corrected.
    """
    test, epsilon = group.test_set, float(group.settings["epsilon"])
    of_interest = test.classes[test.class_of_interest]
    known = [measure for measure in MAIN if any(measure.known(arm) for arm in group.tested.values())]
    header = ["Arm", "Seeds", *(measure.title.replace("the class of interest", of_interest) for measure in known)]
    rows = [
        [Cell(name), f"{len(arm.seeds)} of {arm.planned}", *(percent_cell(m.estimate(arm, test)) for m in known)]
        for name, arm in group.tested.items()
    ]
    tables = [Table(header, rows, 2)]
    for reference in REFERENCES:
        own = {(item.arm, item.measure.title): item for item in comparisons if item.reference == reference}
        names = list(dict.fromkeys(arm for arm, _ in own))
        differences = [[Cell(name), *(difference_cell(own.get((name, m.title))) for m in COMPARED)] for name in names]
        if differences:
            header = ["Arm", *(measure.title for measure in COMPARED)]
            tables.append(Table(header, differences, 1, title=f"Minus {reference}, in points"))
    texts = [
        f"Accuracy in %, with 95 % intervals over seeds and lesions. The training radius is ℓ2 {epsilon:g}; the worst "
        "case is over all attacks, the strong one among them. Expected robustness is the area below the curve of "
        "accuracy against the radius, up to three times the training radius.",
        "Differences are paired by seed and image. Their p-values are corrected for all comparisons of this group "
        "(Holm), their intervals are not; * marks p below 0.05 with at least three seeds.",
    ]
    texts = [text for text in [str(group.facts.get("description", "")), *texts] if text]
    panels = [_trade_off(group), *_curves(group)]
    return Section(group.name, group.title, texts, tables, panels, figures_first=True)


def short_table(group: Group) -> Table:
    """The paper's methods in short: clean accuracy, and the worst case within the training radius and within twice it.

    Args:
        group: the group.
    """
    test, epsilon = group.test_set, float(group.settings["epsilon"])
    measures = {"clean": CLEAN, f"within l2 {epsilon:g}": ROBUST, f"within {2 * epsilon:g}": ROBUST_TWICE}
    rows: list[list[object]] = [
        [Cell(name), len(arm.seeds), *(percent_cell(measure.estimate(arm, test)) for measure in measures.values())]
        for name, arm in group.tested.items()
        if name in PAPER_ARMS
    ]
    return Table(["Method", "Seeds", *measures], rows, 1, title=f"In short: {group.title}, accuracy in %")


def _trade_off(group: Group) -> Panel:
    """Clean against robust accuracy: a point for each arm, a line for each knob."""
    points = {
        name: tuple(
            100 * hierarchical_mean(measure.values(arm, group.test_set), group.test_set.lesions, resamples=2).value
            for measure in (CLEAN, ROBUST)
        )
        for name, arm in group.tested.items()
        if name != "STD"
    }
    caption = (
        "Clean accuracy against accuracy in the worst case within the training radius. A line joins the values of one "
        "knob of one method; a method is better only if its line lies further up and to the right. STD, far below, is "
        "left out."
    )
    figure = trade_off_figure(points, group.facts.get("knobs", {}))
    return Panel(f"{group.name}_trade_off", figure, caption)


@matplotlib.rc_context(STYLE)
def trade_off_figure(points: Mapping[str, Sequence[float]], knobs: Mapping[str, Sequence[str]]) -> Figure:
    """Draw robust over clean accuracy.

    Args:
        points: clean and robust accuracy in % by arm; arms of no knob and not of the paper are gray.
        knobs: by name the arms of a line, in the order of the knob.
    """
    figure = panel(height=3.6)
    axis = figure.subplots()
    for index, (knob, arms) in enumerate(knobs.items()):
        known = [points[arm] for arm in arms if arm in points]
        if len(known) > 1:
            color = COLORS[index % len(COLORS)]
            axis.plot(*zip(*known, strict=True), color=color, marker=".", linewidth=1.3, label=shorten(knob, 30))
    for name, (clean, robust) in points.items():
        if name in PAPER_ARMS:
            axis.plot(clean, robust, "o", color=INK, markersize=4)
            axis.annotate(name, (clean, robust), xytext=(4, 4), textcoords="offset points", fontsize=8)
        elif not any(name in arms for arms in knobs.values()):
            axis.plot(clean, robust, "x", color="#8a97a6", markersize=4)
    axis.set(xlabel="clean accuracy in %", ylabel="worst-case accuracy in %", title="The trade-off")
    axis.grid(alpha=0.25)
    if axis.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def _curves(group: Group) -> list[Panel]:
    """Accuracy against the radius of the paper's methods."""
    arms = {name: arm for name, arm in group.tested.items() if name in PAPER_ARMS and AREA.known(arm)}
    if not arms:
        return []
    lines = {name: _curve(arm, group) for name, arm in arms.items()}
    figure = lines_figure(
        lines,
        title="Accuracy against the radius",
        xlabel="ℓ2 radius",
        ylabel="accuracy in %",
        marker="o",
        references={"chance": 100 / len(group.test_set.classes)},
    )
    return [Panel(f"{group.name}_curve", figure, "Accuracy under the strong attack against its radius, mean of seeds.")]


def _curve(arm: Arm, group: Group) -> Line:
    import numpy as np

    epsilons = arm.records[arm.seeds[0]]["curve"]["epsilons"]
    survival = np.stack([arm.survival(seed) for seed in arm.seeds])
    found = [
        hierarchical_mean(survival[:, index], group.test_set.lesions, resamples=500) for index in range(len(epsilons))
    ]
    return Line(epsilons, *([100 * getattr(item, end) for item in found] for end in ("value", "low", "high")))
