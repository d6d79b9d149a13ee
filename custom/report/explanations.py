"""Explanations shown: pure functions of the folders that explaining writes."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from custom.counts import counted
from custom.files.read_json import read_json
from custom.markdown import escape_markdown, markdown_table
from custom.report.explanation_grid import Cell, explanation_grid, overlay
from custom.report.explanation_page import explanations_html, is_clear, measure_rows
from custom.report.style import figure_png
from custom.report.threat_model import format_radius

if TYPE_CHECKING:
    from custom.explain.results import ExplanationRecord, Explanations

METHODS = {"grad_cam": "Grad-CAM", "grad_cam_pp": "Grad-CAM++"}
KINDS = {"": "clean", "_attacked": "attacked"}


def render_explanations(folder: str | Path) -> None:
    """Draw a model's overlays and grid, and write its table, into the folder of its explanations.

    Args:
        folder: see :func:`custom.explain.results.read_explanations`; gets ``overlays/``, ``measures.md`` and, if
            an image was explained, ``grid.png``.
    """
    # The results need SciPy and scikit-learn, which nobody needs who reads a report.
    from custom.explain.results import read_explanations

    found = read_explanations(folder)
    overlays = found.folder / "overlays"
    overlays.mkdir(exist_ok=True)
    for record in found.records:
        for suffix in _kinds(record):
            name = record.file_name + suffix
            colors = np.round(overlay(found.image(name), found.map(name)) * 255).astype(np.uint8)
            Image.fromarray(colors).save(overlays / f"{name}.png")
    table = measures_markdown({"mean": {**found.summary, "differences": {}}})
    (found.folder / "measures.md").write_text(f"{describe(found.summary)}\n\n{table}", encoding="utf-8")
    if found.records:
        models = {"": found}
        (found.folder / "grid.png").write_bytes(grid_png(models, shown_images(models)))


def render_comparison(folder: str | Path) -> None:
    """Draw the grid of several models and write their table.

    Args:
        folder: has ``comparison.json`` (the names of the models, their folders in ``models/``, and the result of
            :func:`custom.explain.results.compare_explanations`); gets ``grid.png``, ``measures.md`` and
            ``explanations.html``.
    """
    from custom.explain.results import read_explanations

    folder = Path(folder)
    comparison = read_json(folder / "comparison.json", "explain again")
    models = {name: read_explanations(folder / "models" / path) for name, path in comparison["folders"].items()}
    lines = [f"- {escape_markdown(name)}: {describe(found.summary)}" for name, found in models.items()]
    table = measures_markdown(comparison["summaries"])
    (folder / "measures.md").write_text("\n".join(lines) + f"\n\n{table}", encoding="utf-8")
    images = shown_images(models)
    grid = grid_png(models, images)
    (folder / "grid.png").write_bytes(grid)
    how = [f"{name}: {describe(found.summary)}" for name, found in models.items()]
    how += missing_classes(models, images)
    page = explanations_html(how, comparison["summaries"], grid)
    (folder / "explanations.html").write_text(page, encoding="utf-8")


def describe(summary: Mapping[str, Any]) -> str:
    """One sentence on how explanations were made: method, layer, resolution, class and attack.

    Args:
        summary: content of ``explanations.json``.

    Example::

        >>> describe(
        ...     {"method": "grad_cam", "target_layer": "layer4", "map_shape": [7, 7], "image_shape": [224, 224],
        ...      "explained_class": "true", "attack": None}
        ... )
        'Grad-CAM of the layer layer4 for the true class; maps of 7x7 enlarged to 224x224; no attack.'

    """
    sizes = ["x".join(map(str, summary.get(key) or ["?"])) for key in ("map_shape", "image_shape")]
    attack = summary.get("attack")
    under = "no attack"
    if attack:
        steps = f", {counted(attack['steps'], 'step')}" if attack.get("steps") else ""
        under = f"attack {attack['attack']}, {format_radius(attack['norm'], attack['epsilon'])}{steps}"
    return (
        f"{METHODS.get(summary['method'], summary['method'])} of the layer {summary['target_layer']} for the "
        f"{summary['explained_class']} class; maps of {sizes[0]} enlarged to {sizes[1]}; {under}."
    )


def measures_markdown(summaries: Mapping[str, Mapping[str, Any]]) -> str:
    """Write measures as a table: a row per measure, a column per model, intervals in brackets.

    Args:
        summaries: what :func:`custom.explain.results.compare_explanations` returned.

    Returns:
        Markdown. All cells of a row are means over the same images, whose number is in the second column. In bold:
        differences to the first model whose interval does not contain 0, from ten images on.

    """
    first, *others = summaries
    names = {name: escape_markdown(name) for name in summaries}
    header = ["measure", "images", *names.values(), *(f"{names[other]} - {names[first]}" for other in others)]
    rows = [
        [row.description, row.images, *map(_cell, row.values), *(_cell(value, "+") for value in row.differences)]
        for row in measure_rows(summaries)
    ]
    notes = [
        note if len(summaries) == 1 else f"{names[name]}: {note}"
        for name, summary in summaries.items()
        for note in summary["notes"]
    ]
    images = counted(summaries[first]["images"], "image")
    explained = images if len(summaries) == 1 else f"{images} that all models explained"
    text = [
        f"Means over {explained} ({summaries[first]['masked']} with a lesion mask); in "
        "brackets 95 % intervals. Each row has the same images in all its cells.",
        markdown_table(header, rows),
        *notes,
    ]
    return "\n\n".join(text) + "\n"


def shown_images(models: Mapping[str, Explanations]) -> dict[int, dict[str, ExplanationRecord]]:
    """Choose the first image of each class that all models explained, one with a mask if there is one.

    Args:
        models: by name their explanations.

    Returns:
        By the label of each class that has such an image, each model's record of it.

    """
    by_id = [{record.image_id: record for record in found.records} for found in models.values()]
    chosen: dict[int, ExplanationRecord] = {}
    for record in by_id[0].values():
        if all(record.image_id in records for records in by_id):
            kept = chosen.get(record.label)
            if kept is None or (record.masked and not kept.masked):
                chosen[record.label] = record
    return {
        label: {name: records[record.image_id] for name, records in zip(models, by_id, strict=True)}
        for label, record in sorted(chosen.items())
    }


def grid_png(models: Mapping[str, Explanations], images: Mapping[int, Mapping[str, ExplanationRecord]]) -> bytes:
    """Draw one image of each class, a row each, with the clean and the attacked map of each model.

    Args:
        models: by name their explanations.
        images: see `shown_images`.

    Returns:
        Content of a PNG file.

    """
    first = next(iter(models.values()))
    kinds = [suffix for suffix in KINDS if any(suffix in _kinds(record) for record in first.records)]
    columns = [f"{_short(name)}\n{KINDS[kind]}".strip() for kind in kinds for name in models]
    rows = {}
    for label, own in images.items():
        cells = [_grid_cell(models[name], own[name], kind) for kind in kinds for name in models]
        image_id = next(iter(own.values())).image_id
        title = f"{_short(first.classes[label])}\n{_short(image_id)}"
        rows[title] = {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
    note = "\n".join(f"{name}: {describe(found.summary)}".removeprefix(": ") for name, found in models.items())
    return figure_png(explanation_grid(rows, columns, note))


def missing_classes(models: Mapping[str, Explanations], images: Container[int]) -> list[str]:
    """Say which classes have no image that all models explained; nothing if each has one.

    Args:
        models: by name their explanations.
        images: has the labels of the classes that have one, see `shown_images`.
    """
    first = next(iter(models.values()))
    missing = [name for label, name in enumerate(first.classes) if label not in images]
    if not missing:
        return []
    right = " correctly" if first.summary.get("correct_only") else ""
    verb = "recognized" if right else "explained"
    who = "this model" if len(models) == 1 else "every model"
    return [f"No image of {', '.join(missing)} is{right} {verb} by {who}: there is nothing to show."]


def _grid_cell(found: Explanations, record: ExplanationRecord, kind: str) -> Cell | None:
    if kind not in _kinds(record):
        return None
    guess = record.predicted_attacked if kind else record.predicted
    assert guess is not None
    name = record.file_name + kind
    caption = f"predicted {_short(found.classes[guess])}"
    return Cell(found.image(name), found.map(name), found.mask(record), caption)


def _kinds(record: ExplanationRecord) -> Sequence[str]:
    """The suffixes of an image's maps."""
    return ("",) if record.predicted_attacked is None else tuple(KINDS)


def _short(text: str, length: int = 28) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _cell(measure: Mapping[str, float] | None, sign: str = "") -> str:
    if not measure:
        return ""
    if measure["images"] == 1:
        # Resampling one image says nothing about others.
        return f"{measure['value']:{sign}.3f}"
    text = f"{measure['value']:{sign}.3f} [{measure['low']:{sign}.3f}, {measure['high']:{sign}.3f}]"
    return f"**{text}**" if sign and is_clear(measure) else text
