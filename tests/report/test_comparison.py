import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from custom.metrics import write_predictions
from custom.report import compare_runs, comparison_csv, comparison_html, comparison_markdown, read_run
from custom.report.comparison import EvaluatedRun

from .summaries import ATTACKED, CLEAN, NAMES, keyed, predictions, summary

BETTER = {name: predictions((8, 8, 8)) for name in ATTACKED}


def evaluated(name, attacked, **changes):
    return EvaluatedRun(name, summary(attacked=attacked) | changes, {"clean": CLEAN, **attacked})


FIRST, SECOND = evaluated("std", ATTACKED), evaluated("dpaat", BETTER)


def test_what_an_evaluation_wrote_is_read_back(tmp_path):
    (tmp_path / "metrics.json").write_text(json.dumps(FIRST.summary))
    write_predictions(tmp_path / "predictions.csv", CLEAN, keyed(ATTACKED)[1], NAMES)
    run = read_run(tmp_path)
    assert list(run.predictions) == ["clean", *ATTACKED]
    order = np.argsort(CLEAN.image_ids)
    found = run.predictions["pgd20"]
    assert found.image_ids.tolist() == CLEAN.image_ids[order].tolist()
    assert np.array_equal(found.probabilities, ATTACKED["pgd20"].probabilities[order])
    assert np.array_equal(found.labels, CLEAN.labels[order])


def test_paired_tests_worked_out_by_hand():
    comparisons = compare_runs([FIRST, SECOND], resamples=50)
    assert [(item.attack, item.run) for item in comparisons][:4] == [
        ("clean", "std"),
        ("clean", "dpaat"),
        ("fgsm", "std"),
        ("fgsm", "dpaat"),
    ]
    clean, pgd = comparisons[1], next(c for c in comparisons if (c.attack, c.run) == ("pgd20", "dpaat"))
    assert clean.test.p_value == 1
    assert clean.differences["accuracy"] == (0, 0, 0)
    # 24 right against 9, and all of the 9 are among the 24: fifteen images of nine lesions, all on one side.
    assert pgd.test[:2] == (0, 15)
    assert pgd.test.p_value == pytest.approx(2 / 2**9)
    assert pgd.differences["accuracy"].value == pytest.approx(0.5)
    assert 0 < pgd.differences["accuracy"].low < 0.5 < pgd.differences["accuracy"].high


def test_tables_hold_the_same_figures():
    comparisons = compare_runs([FIRST, SECOND], resamples=50)
    rows = list(csv.DictReader(io.StringIO(comparison_csv(comparisons))))
    row = next(r for r in rows if (r["attack"], r["metric"], r["run"]) == ("pgd20", "accuracy", "dpaat"))
    assert (float(row["value"]), float(row["difference"])) == (pytest.approx(0.8), pytest.approx(0.5))
    assert float(row["p_value"]) == pytest.approx(2 / 2**9)
    text, page = comparison_markdown(comparisons), comparison_html(comparisons)
    for shown in ("80.0 (", "+50.0 (", "p 0.0039", "Recall of MEL"):
        assert shown in text
        assert shown in page
    assert "http" not in page


def test_only_attacks_that_all_have_are_compared_and_names_told_apart():
    third = evaluated("std", {"pgd20": ATTACKED["pgd20"]})
    comparisons = compare_runs([FIRST, SECOND, third], resamples=5)
    assert list(dict.fromkeys(item.attack for item in comparisons)) == ["clean", "pgd20"]
    assert [item.run for item in comparisons[:3]] == ["std #1", "dpaat", "std #3"]


def test_runs_that_cannot_be_compared_get_one_sentence(tmp_path):
    images = replace(CLEAN, image_ids=CLEAN.image_ids[::-1])
    other_images = EvaluatedRun("b", SECOND.summary, {**SECOND.predictions, "clean": images})
    changed = json.loads(json.dumps(SECOND.summary["attacks"]))
    changed["pgd20"]["parameters"]["epsilon"] = 0.5
    for runs, sentence in (
        ([FIRST], "needs at least two"),
        ([FIRST, evaluated("b", BETTER, classes=["A", "B", "C"])], "only the same classes"),
        ([FIRST, other_images], "other images or labels"),
        ([FIRST, evaluated("b", BETTER, attacks=changed)], "pgd20 has other parameters in b than in std"),
    ):
        with pytest.raises(ValueError, match=sentence):
            compare_runs(runs)
    with pytest.raises(FileNotFoundError, match=r"holds no metrics\.json"):
        read_run(tmp_path)
    (tmp_path / "metrics.json").write_text("{}")
    (tmp_path / "predictions.csv").write_text("attack\n")
    with pytest.raises(ValueError, match="written by another version of this program; evaluate again"):
        read_run(tmp_path)
