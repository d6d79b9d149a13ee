import pytest

from custom.explain.results import ExplanationRecord, compare_explanations

NAN = float("nan")


def record(name: str, **measures) -> ExplanationRecord:
    return ExplanationRecord(name, name, 0, 0, 0, True, name, measures)


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


def test_each_measure_is_taken_over_the_same_images_so_that_differences_add_up():
    summaries = compare_explanations(
        {
            "std": [
                record("a", energy_inside=0.2, energy_inside_attacked=0.1, vanished=0.0),
                record("b", energy_inside=0.4, energy_inside_attacked=NAN, vanished=0.0),
                record("c", energy_inside=0.6, energy_inside_attacked=0.5, vanished=0.0),
                record("d", energy_inside=0.8, energy_inside_attacked=0.7, vanished=0.0),
            ],
            "at": [
                record("a", energy_inside=NAN, energy_inside_attacked=0.9, vanished=1.0),
                record("b", energy_inside=0.5, energy_inside_attacked=0.5, vanished=0.0),
                record("c", energy_inside=0.7, energy_inside_attacked=0.8, vanished=0.0),
                record("d", energy_inside=0.7, energy_inside_attacked=0.7, vanished=0.0),
            ],
        }
    )
    # Of a and b one model has no value for one of its maps: c and d remain, in every cell.
    std, at = (summaries[name]["measures"] for name in ("std", "at"))
    for key, means in {"energy_inside": (0.7, 0.7), "energy_inside_attacked": (0.6, 0.75)}.items():
        assert (std[key]["images"], at[key]["images"]) == (2, 2)
        assert (std[key]["value"], at[key]["value"]) == pytest.approx(means)
        difference = summaries["at"]["differences"][key]
        assert difference["value"] == pytest.approx(at[key]["value"] - std[key]["value"])
        assert difference["images"] == 2
    # A vanished map is a measure of its own, over all images.
    assert (at["vanished"]["value"], at["vanished"]["images"]) == (0.25, 4)


def test_iou_is_compared_at_each_models_own_best_threshold():
    first, last = [0.8] + [0.0] * 18, [0.0] * 18 + [0.5]
    summaries = compare_explanations({"std": [record("a", iou=first)], "at": [record("a", iou=last)]})
    assert summaries["at"]["differences"]["iou"]["value"] == pytest.approx(-0.3)


def test_a_measure_that_one_model_lacks_is_not_compared():
    summaries = compare_explanations(
        {"std": [record("a", deletion=0.5)], "at": [record("a", deletion=0.25, energy_inside=1.0)]}
    )
    assert list(summaries["at"]["measures"]) == list(summaries["std"]["measures"]) == ["deletion"]


def test_nothing_in_common():
    with pytest.raises(ValueError, match="No image was explained by all models"):
        compare_explanations({"std": [record("a")], "at": [record("b")]})
