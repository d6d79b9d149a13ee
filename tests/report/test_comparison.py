import csv
import io

import pytest

from custom.report.comparison import (
    Case,
    compare_runs,
    comparison_csv,
    comparison_html,
    comparison_markdown,
    comparison_sentence,
    read_runs,
)

from .evaluations import FAILED, metrics, write_evaluation
from .test_render import AWKWARD, Page

WORST = Case("worst case", "l2", 0.3)


@pytest.fixture
def make(tmp_path):
    def write(name, content):
        write_evaluation(tmp_path / name / "evaluation", content)
        return tmp_path / name

    return write


@pytest.fixture
def comparison(make):
    """30 images of 15 lesions: clean 24 and 24 right, worst case within the l2 ball 3 and 24."""
    std = make("std", metrics(clean=(8, 8, 8), l2=(1, 1, 1), linf=(4, 4, 4)))
    dpaat = make("dpaat", metrics(clean=(8, 8, 8), l2=(8, 8, 8), linf=(6, 6, 6)))
    return compare_runs(read_runs([std, dpaat]), resamples=50)


def test_cases_are_clean_then_worst_then_each_attack(comparison):
    assert list(comparison.cells) == [
        Case("clean"),
        WORST,
        Case("worst case", "linf", 1 / 255),
        Case("pgd20", "l2", 0.3),
        Case("strong_l2", "l2", 0.3),
        Case("fgsm", "linf", 1 / 255),
        Case("pgd20", "l2", 0.6),
    ]


def test_differences_and_tests_worked_out_by_hand(comparison):
    clean, worst = comparison.cells[Case("clean")]["dpaat"], comparison.cells[WORST]["dpaat"]
    assert clean.differences["accuracy"] == (0, 0, 0)
    assert clean.p_value == 1
    assert worst.differences["accuracy"].value == pytest.approx(21 / 30)
    # In each class lesions gain 1, 2, 2, 2 and 0 images: twelve of them flip, and all signs agree one way or the other.
    assert worst.p_value == pytest.approx(2 / 2**12)
    assert comparison.cells[WORST]["std"].p_value is None


def test_an_attack_without_outputs_for_every_image_has_accuracy_and_recall_alone(comparison):
    cell = comparison.cells[Case("strong_l2", "l2", 0.3)]["dpaat"]
    assert set(cell.differences) == {"accuracy", "recall_MEL", "recall_BKL", "recall_NV"}


def test_the_sentence_names_the_most_robust_and_what_may_be_chance(comparison, make):
    low, high = (round(100 * value) for value in comparison.cells[WORST]["dpaat"].differences["accuracy"][1:])
    assert comparison_sentence(comparison) == (
        "Most robust is dpaat: in the worst case within ℓ2 0.3 it is right on 80 of 100 images, against 10 for std "
        f"(+70 points, {low:+} to {high:+}); on clean images on 80, against 80 (+0 points, +0 to +0, which may be "
        "chance)."
    )
    reverse = compare_runs(list(reversed(comparison.runs)), resamples=50)
    assert comparison_sentence(reverse) == (
        "Most robust is dpaat: in the worst case within ℓ2 0.3 it is right on 80 of 100 images, against 10 for std "
        f"(-70 points, {-high:+} to {-low:+})."
    )
    plain = [make(f"plain{right}", metrics(clean=(right,) * 3, l2=None, linf=None)) for right in (5, 9)]
    assert comparison_sentence(compare_runs(read_runs(plain), resamples=20)).startswith(
        "Most accurate is plain9: on clean images it is right on 90 of 100 images, against 50 for plain5 (+40 points"
    )


def test_a_lead_within_the_intervals_is_named(make):
    # 80 % and 77 % in the worst case overlap with intervals of 5 points on each side, 80 % and 50 % do not.
    std, best, near, far = (
        make(name, metrics(clean=(9, 9, 9), l2=right))
        for name, right in (("std", (1, 1, 1)), ("best", (8, 8, 8)), ("near", (8, 8, 7)), ("far", (5, 5, 5)))
    )
    sentence = comparison_sentence(compare_runs(read_runs([std, best, near, far]), resamples=20))
    assert " and 77 for near (intervals overlap), 50 for far; on clean images" in sentence


def test_a_model_whose_figures_cannot_be_relied_on_is_not_the_most_robust(make):
    masked = make("masked", metrics(clean=(9, 9, 9), l2=(9, 9, 9), checks=(FAILED,)))
    fine = make("fine", metrics(clean=(8, 8, 8), l2=(7, 7, 7)))
    assert comparison_sentence(compare_runs(read_runs([masked, fine]), resamples=20)).startswith(
        "Most robust is fine: in the worst case within ℓ2 0.3 it is right on 70 of 100 images, against 90 for masked"
    )
    constant = make("constant", metrics(clean=(10, 0, 0), l2=(10, 0, 0)))
    assert comparison_sentence(compare_runs(read_runs([constant, masked]), resamples=20)).startswith(
        "No model can be called robust; masked (do not rely on these figures) keeps most: in the worst case"
    )


def test_files_hold_the_same_figures(comparison, tmp_path):
    rows = list(csv.DictReader(io.StringIO(comparison_csv(comparison))))
    row = next(r for r in rows if (r["attack"], r["metric"], r["model"]) == ("worst case", "accuracy", "dpaat"))
    assert (row["norm"], float(row["epsilon"])) == ("l2", 0.3)
    assert (float(row["value"]), float(row["difference"])) == (pytest.approx(0.8), pytest.approx(0.7))
    assert float(row["p_value"]) == pytest.approx(2 / 2**12)
    ece = next(r for r in rows if (r["metric"], r["model"]) == ("calibration_error", "dpaat"))
    assert (ece["low"], ece["difference_low"]) == ("", "")
    text, page = comparison_markdown(comparison), Page(comparison_html(comparison, tmp_path))
    for shown in ("80.0", "+70.0 (", "p 0.00049", "Recall of melanoma (MEL) in %"):
        assert shown in text
        assert any(shown in found for found in page.text)


def test_the_page_has_a_sentence_charts_accuracy_and_the_rest_folded(comparison, tmp_path):
    page = Page(comparison_html(comparison, tmp_path))
    assert page.open == []
    assert len(page.values("img", "src")) == 3
    assert page.text.index(comparison_sentence(comparison)) < page.text.index("Clean and worst case")
    folded = [tag for tag, _ in page.tags].count("details")
    # Mean average precision, precision, balanced accuracy, F1, ROC AUC, calibration error, Brier, NLL, three recalls.
    assert folded == 11
    assert {"std/evaluation/report.html", "dpaat/evaluation/report.html"} <= set(page.values("a", "href"))
    assert "Not robust" in page.text


def test_any_class_name_works(make, tmp_path):
    runs = [make(name, metrics(names=AWKWARD)) for name in ("a|b", "c")]
    found = compare_runs(read_runs(runs), resamples=5)
    assert Page(comparison_html(found, tmp_path)).open == []
    tables = [line for line in comparison_markdown(found).splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables} == {4}
    assert AWKWARD[2] in {
        row["metric"].removeprefix("recall_") for row in csv.DictReader(io.StringIO(comparison_csv(found)))
    }


def test_only_what_all_have_is_compared(make):
    runs = [make("a", metrics()), make("b", metrics(linf=None))]
    found = compare_runs(read_runs(runs), resamples=5)
    assert {case.norm for case in found.cells} == {"", "l2"}


def test_runs_that_cannot_be_compared_get_one_sentence(make, tmp_path):
    first = make("first", metrics())
    changed = metrics()
    changed["attacks"]["pgd20"]["parameters"]["steps"] = 7
    smaller = make("smaller", metrics())
    table = smaller / "evaluation" / "predictions.csv"
    table.write_text("\n".join(line for line in table.read_text().splitlines() if "image_00" not in line))
    for other, sentence in (
        (make("classes", metrics(names=["A", "B", "C"])), "only the same classes can be compared"),
        (smaller, "smaller was evaluated on other images or labels than first"),
        (make("changed", changed), "pgd20 has other parameters in changed than in first"),
    ):
        with pytest.raises(ValueError, match=sentence):
            compare_runs(read_runs([first, other]))
    with pytest.raises(ValueError, match="needs at least two"):
        compare_runs(read_runs([first]))
    with pytest.raises(ValueError, match="Two models are named 'x'"):
        read_runs([first, first], ["x", "x"])
    with pytest.raises(FileNotFoundError, match=r"holds no metrics\.json"):
        read_runs([tmp_path])
