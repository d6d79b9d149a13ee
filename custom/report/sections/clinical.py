"""What a clinician asks of one class: sensitivity, specificity, and cases to refer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.counts import counted
from custom.report.evidence import class_titles
from custom.report.figures import Line, lines_figure
from custom.report.page import Panel, Section, Table
from custom.report.sections.cells import measure, radius, share, title


def clinical_section(metrics: Mapping[str, Any]) -> Section | None:
    """One class against the rest, clean and attacked; ``None`` if there is no such reading."""
    clinical = metrics.get("clinical")
    if not clinical:
        return None
    name = class_titles(metrics)[clinical["class"]]
    readings = clinical["readings"]
    first = readings[0]
    at_specificity = [item["specificity"] for item in first["sensitivity_at_specificity"]]
    at_sensitivity = [item["sensitivity"] for item in first["specificity_at_sensitivity"]]
    header = [
        "Images",
        "ROC AUC",
        *(f"Sensitivity at {100 * value:.0f} % specificity" for value in at_specificity),
        *(f"Specificity at {100 * value:.0f} % sensitivity" for value in at_sensitivity),
    ]
    rows = [
        [
            title(reading),
            measure(reading["roc_auc"]),
            *(share(item) for item in reading["sensitivity_at_specificity"]),
            *(share(item) for item in reading["specificity_at_sensitivity"]),
        ]
        for reading in readings
    ]
    tables = [Table(header, rows, 1)]
    kept = [(title(reading), reading["fixed_threshold"]) for reading in readings if reading["fixed_threshold"]]
    if kept:
        chosen = 100 * kept[0][1]["specificity"]
        tables.append(
            Table(
                ["Images", "Threshold", "Sensitivity in %", "Specificity in %"],
                [
                    [images, f"{item['threshold']:.3f}", share(item["sensitivity"]), share(item["specificity_kept"])]
                    for images, item in kept
                ],
                1,
                title=f"In use: the threshold with {chosen:.0f} % specificity on clean images, kept under attack",
            )
        )
    curves = {
        title(reading): Line(reading["roc"]["false_positive_rate"], reading["roc"]["true_positive_rate"])
        for reading in readings
    }
    figure = lines_figure(
        curves,
        title="ROC, clean and attacked",
        xlabel="1 - specificity",
        ylabel="sensitivity",
        xlim=(0, 1),
        ylim=(0, 1),
        diagonal=True,
        legend="lower right",
    )
    why = {"melanoma by name": "", "given": "", "first class": " It is the first class; another can be chosen."}
    texts = [
        f"The class of interest is {name}, against all others: {counted(clinical['positives'], 'image')} of it and "
        f"{counted(clinical['negatives'], 'other')}.{why.get(clinical['chosen'], '')} Sensitivity is the share of its "
        "images that are found, specificity the share of the others that are left alone. Shares in %, below them 95 % "
        "intervals."
    ]
    return Section(
        "clinical", f"Clinical reading: {name}", texts, tables, [Panel("roc", figure)], panels_title="ROC curves"
    )


def referral_section(metrics: Mapping[str, Any]) -> Section | None:
    """What is left if uncertain or unstable cases are referred; ``None`` if there are no such curves."""
    curves = metrics.get("risk_coverage")
    if not curves:
        return None
    stability = metrics.get("stability")
    shown = {title(curve): curve for curve in curves}
    texts = [
        "What is left if the cases that the classifier is least certain of are referred to a person. The area is the "
        "mean error over all shares of cases kept (AURC); smaller is better."
    ]
    tables = []
    if stability:
        shown["clean, unstable cases first"] = stability
        texts += _stability_texts(stability)
        tables.append(_stability_table(stability))
    lines = {
        name: Line(
            [100 * value for value in curve["coverage"]],
            [float("nan") if value is None else 100 * value for value in curve["accuracy"]],
        )
        for name, curve in shown.items()
    }
    figure = lines_figure(
        lines,
        title="Accuracy of the cases that are kept",
        xlabel="share of cases kept in %",
        ylabel="accuracy in %",
        xlim=(0, 100),
        references={"chance": 100 * metrics["baselines"]["chance"]},
        legend="lower left",
    )
    tables.append(Table(["Images", "Area in %"], [[name, share(curve["area"])] for name, curve in shown.items()], 1))
    return Section(
        "referral",
        "Referring uncertain or unstable cases",
        texts,
        tables,
        [Panel("risk_coverage", figure)],
        figures_first=True,
    )


def _stability_texts(stability: Mapping[str, Any]) -> list[str]:
    """What is left if every case is referred whose prediction the attack changed."""
    images, unstable = stability["images"], stability["unstable"]
    found = f"{stability['attack']} within {radius(stability)}"
    if not unstable:
        return [f"No case is unstable: {found}, tried on every prediction, right or wrong, changed none of {images}."]
    text = (
        f"A case is unstable if an attack can change its prediction, right or wrong: {found} changed {unstable} of "
        f"{images}."
    )
    if unstable == images:
        return [f"{text} If these are referred, no case is left."]
    kept, referred = (100 * stability[name]["value"] for name in ("accuracy_stable", "accuracy_unstable"))
    left = f"If these are referred, accuracy is {kept:.1f} % on the rest; on those referred it is {referred:.1f} %."
    return [f"{text} {left}"]


def _stability_table(stability: Mapping[str, Any]) -> Table:
    unstable = stability["unstable"]
    rows = [
        ["stable", str(stability["images"] - unstable), share(stability["accuracy_stable"])],
        ["unstable", str(unstable), share(stability["accuracy_unstable"])],
    ]
    return Table(["Predictions", "Images", "Accuracy on clean images in %"], rows, 1)
