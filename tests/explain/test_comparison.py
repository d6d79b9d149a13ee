import pytest

from custom.explain import ExplanationRecord, compare_explanations, measures_markdown


def record(name: str, **measures) -> ExplanationRecord:
    return ExplanationRecord(name, name, 0, 0, None, True, False, name, measures)


def test_only_common_images_count_and_differences_are_paired():
    summaries = compare_explanations(
        {
            "std": [record("a", energy_inside=0.2), record("b", energy_inside=0.6), record("c", energy_inside=0.9)],
            "at": [record("b", energy_inside=0.7), record("d", energy_inside=0.0), record("a", energy_inside=0.3)],
        }
    )
    assert summaries["std"]["images"] == summaries["at"]["images"] == 2
    assert summaries["std"]["measures"]["energy_inside"]["value"] == pytest.approx(0.4)
    difference = summaries["at"]["differences"]["energy_inside"]
    # The values scatter, their difference does not.
    assert [difference[key] for key in ("value", "low", "high")] == pytest.approx([0.1] * 3)
    assert summaries["std"]["differences"] == {}


def test_iou_is_compared_at_each_models_own_best_threshold():
    first, last = [0.8] + [0.0] * 18, [0.0] * 18 + [0.5]
    summaries = compare_explanations({"std": [record("a", iou=first)], "at": [record("a", iou=last)]})
    assert summaries["at"]["differences"]["iou"]["value"] == pytest.approx(-0.3)


def test_markdown():
    summaries = compare_explanations(
        {
            "std": [record("a", deletion=0.5), record("b", deletion=0.5)],
            "at": [record("a", deletion=0.25, energy_inside=1.0), record("b", deletion=0.25, energy_inside=1.0)],
        }
    )
    table = measures_markdown(summaries)
    assert "Means over the 2 images that all models explained (2 with a lesion mask)" in table
    assert "| measure | images | std | at | at - std |" in table
    row = next(line for line in table.splitlines() if line.startswith("| Deletion"))
    assert "| 0.500 [0.500, 0.500] | 0.250 [0.250, 0.250] | **-0.250 [-0.250, -0.250]** |" in row
    assert next(line for line in table.splitlines() if "Energy" in line).endswith("| 2 |  | 1.000 [1.000, 1.000] |  |")


def test_one_image_has_no_interval():
    table = measures_markdown(
        compare_explanations({"std": [record("a", deletion=0.5)], "at": [record("a", deletion=0.25)]})
    )
    assert "| 1 | 0.500 | 0.250 | -0.250 |" in table


def test_nothing_in_common():
    with pytest.raises(ValueError, match="No image was explained by all models"):
        compare_explanations({"std": [record("a")], "at": [record("b")]})
