import dataclasses
import json
import math

import numpy as np
import pytest
from PIL import Image

from custom.explain.results import (
    ExplanationRecord,
    ExplanationWriter,
    compare_explanations,
    read_explanations,
    summarize_explanations,
)
from custom.explain.results.folder import without_nan
from custom.report.explanation_page import measures_table
from custom.report.explanations import (
    describe,
    measures_markdown,
    missing_classes,
    render_comparison,
    render_explanations,
    shown_images,
)

from .test_render import Page

HOW = {
    "method": "grad_cam",
    "target_layer": "layer4",
    "map_shape": [7, 7],
    "image_shape": [224, 224],
    "explained_class": "true",
    "attack": {"attack": "PGD", "norm": "l2", "epsilon": 0.3, "steps": 20},
    "classes": ["$a|b$", "NV"],
}


def record(name: str, label: int = 0, **measures) -> ExplanationRecord:
    return ExplanationRecord(name, name, label, label, 1, True, name, measures)


def write(path, size: int, **measures) -> list[ExplanationRecord]:
    """Explanations of two images of size x size, the second with a vanished map under the attack."""
    writer = ExplanationWriter(path)
    writer.open()
    records = [record("first", 0, **measures), record("second", 1, **measures)]
    for found in records:
        writer.add(found.file_name, np.full((3, size, size), 0.5), np.eye(size))
        attacked = np.eye(size) if found.label == 0 else np.zeros((size, size))
        writer.add(f"{found.file_name}_attacked", np.full((3, size, size), 0.25), attacked)
        writer.add_mask(found.file_name, np.tri(size))
    writer.close({**HOW, **summarize_explanations(records)}, records)
    return records


def test_a_folder_is_rendered_again_from_its_files_alone(tmp_path):
    write(tmp_path / "out", 8, deletion=0.5)
    render_explanations(tmp_path / "out")
    found = {path.name for path in (tmp_path / "out" / "overlays").iterdir()}
    assert found == {"first.png", "first_attacked.png", "second.png", "second_attacked.png"}
    # A vanished map leaves the attacked image as it is.
    assert np.unique(Image.open(tmp_path / "out" / "overlays" / "second_attacked.png")).tolist() == [64]
    first = (tmp_path / "out" / "grid.png").read_bytes()
    text = (tmp_path / "out" / "measures.md").read_text()
    assert "maps of 7x7 enlarged to 224x224; attack PGD, ℓ2 0.3, 20 steps." in text
    assert "| Deletion: area under the curve (lower is better) | 2 | 0.500 [0.500, 0.500] |" in text
    render_explanations(tmp_path / "out")
    assert (tmp_path / "out" / "grid.png").read_bytes() == first


def test_models_of_different_sizes_are_compared(tmp_path):
    records = {
        "std": write(tmp_path / "models" / "a", 8, deletion=0.5),
        "at": write(tmp_path / "models" / "b", 6, deletion=0.25),
    }
    content = {"folders": {"std": "a", "at": "b"}, "summaries": without_nan(compare_explanations(records))}
    (tmp_path / "comparison.json").write_text(json.dumps(content))
    render_comparison(tmp_path)
    assert Image.open(tmp_path / "grid.png").width > 600
    text = (tmp_path / "measures.md").read_text()
    assert text.startswith("- std: Grad-CAM of the layer layer4 for the true class;")
    assert "Means over 2 images that all models explained (2 with a lesion mask)" in text
    page = Page((tmp_path / "explanations.html").read_text(encoding="utf-8"))
    assert page.open == []
    assert len(page.values("img", "src")) == 1
    assert any(found.startswith("at: Grad-CAM of the layer layer4 for the true class;") for found in page.text)
    start = page.text.index("Deletion: area under the curve (lower is better)")
    cells = [found for found in page.text[start + 1 :] if found][:7]
    both = ["0.500", "0.500 to 0.500", "0.250", "0.250 to 0.250"]
    assert cells == ["2", *both, "-0.250", "-0.250 to -0.250"]


def test_a_class_without_an_image_that_all_models_explained_is_named(tmp_path):
    def named(models):
        return missing_classes(models, shown_images(models))

    write(tmp_path / "a", 8)
    both = read_explanations(tmp_path / "a")
    assert named({"std": both}) == []
    fewer = dataclasses.replace(both, records=both.records[:1])
    missing = both.classes[1]
    assert named({"std": both, "at": fewer}) == [
        f"No image of {missing} is explained by every model: there is nothing to show."
    ]
    right = dataclasses.replace(fewer, summary={**both.summary, "correct_only": True})
    assert named({"std": right}) == [
        f"No image of {missing} is correctly recognized by this model: there is nothing to show."
    ]


def test_table_of_models():
    summaries = compare_explanations(
        {
            "s|d": [record(str(number), deletion=0.5) for number in range(10)],
            "at": [record(str(number), deletion=0.25) for number in range(10)],
        }
    )
    table = measures_markdown(summaries)
    assert r"| measure | images | s\|d | at | at - s\|d |" in table
    row = next(line for line in table.splitlines() if line.startswith("| Deletion"))
    assert row.endswith("| 10 | 0.500 [0.500, 0.500] | 0.250 [0.250, 0.250] | **-0.250 [-0.250, -0.250]** |")


def test_few_images_make_no_difference_clear():
    few = {
        name: [record(str(number), deletion=value) for number in range(9)] for name, value in (("a", 0.5), ("b", 0.25))
    }
    assert "**" not in measures_markdown(compare_explanations(few))
    table = measures_table(compare_explanations(few))
    assert all(getattr(cell, "level", "") != "marked" for row in table.rows for cell in row)


def test_one_image_has_no_interval():
    table = measures_markdown(
        compare_explanations({"std": [record("a", deletion=0.5)], "at": [record("a", deletion=0.25)]})
    )
    assert "| 1 | 0.500 | 0.250 | -0.250 |" in table


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attack": None}, "; no attack."),
        ({"attack": {**HOW["attack"], "epsilon": 1 / 255, "norm": "linf"}}, "attack PGD, ℓ∞ 1/255, 20"),
        ({"method": "grad_cam_pp", "explained_class": "predicted"}, "Grad-CAM++ of the layer layer4 for the predicted"),
        ({"map_shape": None}, "maps of ? enlarged to 224x224"),
    ],
)
def test_how_it_was_made(change, words):
    assert words in describe({**HOW, **change})


def test_vanished_maps_are_a_row_and_a_note():
    summary = summarize_explanations([record("a", vanished=0.0, vanished_attacked=1.0, deletion=math.nan)])
    table = measures_markdown({"mean": {**summary, "differences": {}}})
    assert "| Vanished: share of maps that are 0 throughout, attacked image | 1 | 1.000 |" in table
    assert "Deletion" not in table
    assert "The map is 0 throughout, clean or attacked, for 1 of 1 image:" in table
