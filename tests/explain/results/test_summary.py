import csv

import numpy as np
import pytest

from custom.explain.results import ExplanationRecord, mean_interval, summarize_explanations, write_measures_csv

LOW_BEST, HIGH_BEST = [1.0] + [0.0] * 18, [0.0] * 18 + [0.5]
NAN = float("nan")


def record(name: str, lesion: str = "", masked: bool = True, **measures) -> ExplanationRecord:
    return ExplanationRecord(name, lesion or name, 0, 0, None, masked, name, measures)


def test_mean_interval():
    # Two lesions, one of three images: the mean of a resample is 1/4, 0 or 1.
    interval = mean_interval([0, 0, 0, 1], ["a", "a", "a", "b"], resamples=400)
    assert tuple(interval) == (0.25, 0, 1)
    assert mean_interval([2, 2], ["a", "b"]) == (2, 2, 2)
    assert np.isnan(mean_interval([], [])).all()


def test_means_leave_out_what_is_unknown():
    summary = summarize_explanations(
        [record("a", pointing_game=1.0), record("b", pointing_game=NAN), record("c", masked=False)]
    )
    assert summary["images"] == 3
    assert summary["masked"] == 2
    assert summary["measures"]["pointing_game"] == {"value": 1, "low": 1, "high": 1, "images": 1}
    assert summary["notes"] == []


def test_clean_attacked_and_disc_are_compared_on_the_same_images():
    summary = summarize_explanations(
        [
            record("a", energy_inside=0.2, energy_inside_attacked=NAN, energy_inside_blob=0.9, rank_correlation=NAN),
            record("b", energy_inside=0.4, energy_inside_attacked=0.3, energy_inside_blob=0.5, rank_correlation=0.5),
        ]
    )
    found = {key: (measure["value"], measure["images"]) for key, measure in summary["measures"].items()}
    assert found == {
        "energy_inside": (0.4, 1),
        "energy_inside_attacked": (0.3, 1),
        "energy_inside_blob": (0.5, 1),
        "rank_correlation": (0.5, 1),
    }


def test_iou_at_the_best_threshold_of_the_mean():
    summary = summarize_explanations([record("a", iou=LOW_BEST), record("b", iou=HIGH_BEST), record("c", masked=False)])
    assert summary["iou"]["iou"]["best_threshold"] == pytest.approx(0.05)
    np.testing.assert_allclose(summary["iou"]["iou"]["curve"], [0.5] + [0] * 17 + [0.25])
    assert summary["measures"]["iou"]["value"] == 0.5
    assert summary["measures"]["iou"]["images"] == 2


def test_what_cannot_be_measured_is_said():
    summary = summarize_explanations([record("a", masked=False, vanished=0.0, vanished_attacked=1.0, deletion=0.5)])
    assert "No lesion masks" in summary["notes"][0]
    assert "The map is 0 throughout, clean or attacked, for 1 of 1 image:" in summary["notes"][1]
    assert summary["vanished"] == 1
    assert list(summary["measures"]) == ["vanished", "vanished_attacked", "deletion"]
    assert summarize_explanations([])["measures"] == {}


def test_table(tmp_path):
    summaries = {
        "=std": summarize_explanations([record("a", pointing_game=1.0, pointing_game_blob=0.0)]),
        "at": summarize_explanations([record("a", deletion=0.25)]),
    }
    write_measures_csv(tmp_path / "measures.csv", summaries)
    with (tmp_path / "measures.csv").open() as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["pointing_game", "pointing_game_blob", "deletion"]
    # A spreadsheet must not take the name of a model for a formula.
    assert rows["pointing_game"]["'=std value"] == "1.0"
    assert rows["pointing_game"]["at value"] == ""
    assert rows["deletion"]["at images"] == "1"
