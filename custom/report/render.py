"""The report of an evaluation: a pure function of the folder that the evaluation wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.files import Partial, move_together
from custom.metrics import evaluation_folder, read_metrics
from custom.report.evidence import verdict_of
from custom.report.groups import images_and_groups
from custom.report.page import Section, render_page
from custom.report.sections.accuracy import accuracy_section
from custom.report.sections.clinical import clinical_section, referral_section
from custom.report.sections.confidence import calibration_section, metrics_section
from custom.report.sections.corruptions import corruption_section
from custom.report.sections.example_images import example_section
from custom.report.sections.explanation import explanation_section
from custom.report.sections.facts import card_section, check_section, repeat_section
from custom.report.sections.groups import subgroup_section
from custom.report.sections.radius_curve import radius_section
from custom.report.sections.recall import confusion_section, recall_section

FILES = ("metrics.json", "metrics.csv", "predictions.csv")
"""Files of an evaluation that its report links to."""


def report_sections(metrics: Mapping[str, Any], folder: Path) -> list[Section]:
    """The parts of a report, in order.

    Args:
        metrics: the content of ``metrics.json``.
        folder: of the evaluation, for what lies beside it.
    """
    sections = [
        accuracy_section(metrics),
        radius_section(metrics),
        recall_section(metrics),
        confusion_section(metrics),
        clinical_section(metrics),
        referral_section(metrics),
        subgroup_section(metrics),
        corruption_section(metrics),
        example_section(metrics, folder),
        explanation_section(metrics, folder),
        calibration_section(metrics),
        metrics_section(metrics),
        check_section(metrics),
        card_section(metrics),
        repeat_section(metrics),
    ]
    return [section for section in sections if section is not None]


def render(folder: str | Path) -> str:
    """Render the report of a finished evaluation, without running anything.

    Args:
        folder: of the evaluation, or of a run that holds it in ``evaluation``.

    Returns:
        HTML with style and figures inside.

    Raises:
        FileNotFoundError: if there is no evaluation.
        ValueError: if what is there cannot be read.

    Example::

        html = render("bundle/runs/dpaat-small_resnet/evaluation")

    """
    return _rendered(folder)[0]


def write_report(folder: str | Path) -> Path:
    """Render the report of a finished evaluation into its folder: ``report.html`` and ``figures/*.png``.

    Args:
        folder: of the evaluation, or of a run that holds it in ``evaluation``.

    Returns:
        The path of ``report.html``.

    Raises:
        FileNotFoundError: if there is no evaluation.
        ValueError: if what is there cannot be read.
        OSError: if the report cannot be written; an earlier one stays as it was.
    """
    place = evaluation_folder(folder)
    html, figures = _rendered(place)
    report, drawn = Partial(place / "report.html"), Partial(place / "figures", folder=True)
    try:
        report.path.write_text(html, encoding="utf-8")
        for name, content in figures.items():
            (drawn.path / f"{name}.png").write_bytes(content)
        move_together([(drawn.path, place / "figures"), (report.path, place / "report.html")])
    except OSError as error:
        raise OSError(
            f"Cannot write {place / 'report.html'}: {error.strerror}; what was there is unchanged."
        ) from error
    finally:
        report.close()
        drawn.close()
    return place / "report.html"


def print_verdict(folder: str | Path) -> None:
    """Print what an evaluation says, in a few lines.

    Args:
        folder: as for `render`.
    """
    found = verdict_of(read_metrics(folder))
    print(f"{found.title}. {found.plain}", *found.reasons, found.precise, sep="\n")
    print(f"Report: {evaluation_folder(folder) / 'report.html'}", flush=True)


def _rendered(folder: str | Path) -> tuple[str, dict[str, bytes]]:
    """The page, and the content of each figure's PNG file by name."""
    place = evaluation_folder(folder)
    metrics = read_metrics(place)
    data = metrics["data"]
    sections = report_sections(metrics, place)
    html = render_page(
        f"How robust is {metrics['model']['name']}?",
        subtitle=(f"Evaluated {metrics['created'].replace('T', ' ')} on {data['name']}: {images_and_groups(metrics)}."),
        verdict=verdict_of(metrics),
        sections=sections,
        files=[name for name in FILES if (place / name).is_file()],
    )
    return html, {panel.name: panel.png for section in sections for panel in section.panels}
