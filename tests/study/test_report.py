"""The report of simulated records, whose figures are known."""

import csv
import io
import warnings

import numpy as np
import pytest

from custom.report.style import figure_png, panel
from custom.study.report import write_report
from custom.study.report.claims import findings
from custom.study.report.comparisons import compare
from custom.study.report.measures import AREA, CLEAN, RECALL, ROBUST, ROBUST_TWICE
from custom.study.report.paper_tables import read_paper_table, table_two
from custom.study.report.training import mean_by_epoch
from custom.study.results import read_results
from tests.study.simulated import write_study

SHARES = {
    "STD": (0.8, 0.1, 0.0),
    "AT": (0.7, 0.5, 0.3),
    "SAT": (0.7, 0.5, 0.3),
    "DPAAT": (0.7, 0.6, 0.2),
    "D-A": (0.7, 0.6, 0.2),
}


BLANK = figure_png(panel())


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study") / "records"
    write_study(folder, SHARES)
    return folder


@pytest.fixture(scope="module")
def page(records):
    with pytest.MonkeyPatch.context() as patch:  # what takes longest: nobody looks at them here
        patch.setattr("custom.report.page.figure_png", lambda figure: BLANK)
        return write_report(records)


@pytest.fixture(scope="module")
def group(records):
    return read_results(records).groups[0]


def test_results_know_what_is_not_finished(records):
    results = read_results(records)
    assert (results.finished, results.planned) == (15, 16)
    assert results.groups[0].arms["STD"].planned == 4


def test_measures_are_the_shares(group):
    arm = group.arms["AT"]
    found = [m.estimate(arm, group.test_set).value for m in (CLEAN, ROBUST, ROBUST_TWICE)]
    assert found == pytest.approx([0.7, 0.5, 0.3])
    # Trapezoids: (0.7 + 0.5) / 2 * 0.2 + (0.5 + 0.3) / 2 * 0.2, divided by 0.4.
    assert AREA.estimate(arm, group.test_set).value == pytest.approx(0.5)


def test_recall_is_of_melanoma(group):
    test = group.test_set
    assert test.class_of_interest == 0
    right = group.arms["AT"].correct("clean", test.labels)[0]
    assert RECALL.estimate(group.arms["AT"], test).value == pytest.approx(right[test.labels == 0].mean())


def test_recall_of_table_two_is_the_accuracy_of_balanced_classes(group):
    found = table_two(group.arms["AT"], group)
    assert found["recall"].value == pytest.approx(0.7)
    assert found["recall"].low < 0.7 < found["recall"].high
    assert found["mARP"].value < found["mAP"].value


def test_comparisons_are_corrected_for_their_number(group):
    comparisons = compare(group)
    # To AT four arms, to DPAAT three, by four measures each.
    assert len(comparisons) == 28
    robust = next(c for c in comparisons if (c.arm, c.reference, c.measure) == ("DPAAT", "AT", ROBUST))
    assert robust.difference.value == pytest.approx(0.1)
    assert robust.shown
    assert robust.p_value > robust.difference.p_value
    clean = next(c for c in comparisons if (c.arm, c.reference, c.measure) == ("DPAAT", "AT", CLEAN))
    assert (clean.difference.value, clean.p_value, clean.shown) == (0, 1, False)


def test_verdicts_follow_the_figures(group):
    found = {finding.claim.text: finding.verdict for finding in findings(group)}
    assert found["DPAAT is more robust than AT in the worst case over all attacks"] == "supported"
    assert found["DPAAT is more robust than AT at twice the training radius"] == "contradicted"
    assert found["DPAAT is more accurate than AT on clean images"] == "not settled"
    assert found["The adaptive radius alone (D-A) is less robust than both parts"] == "not settled"
    assert not any("AMAT" in text for text in found)


def test_two_seeds_settle_nothing(tmp_path):
    write_study(tmp_path / "records", {"AT": (0.7, 0.2, 0.1), "DPAAT": (0.7, 0.6, 0.2)}, seeds=2)
    (group,) = read_results(tmp_path / "records").groups
    robust = next(finding for finding in findings(group) if finding.claim.measure is ROBUST)
    assert robust.comparison.p_value < 0.01
    assert robust.verdict == "not settled"


def test_the_report_has_the_figures(page):
    text = (page.parent / "report.md").read_text()
    assert "15 of 16 runs are finished." in text
    assert "DPAAT minus AT: +10.0 points" in text
    assert "| AT | paper, light | 66.93 | 55.91 | 49.18 | 61.35 | 61.35 | 67.83 |" in text
    assert "/work" not in text
    html = page.read_text()
    assert "Study simulated" in html
    assert html.count("<img") == len(list((page.parent / "report_figures").iterdir()))
    rows = list(csv.DictReader(io.StringIO((page.parent / "report.csv").read_text())))
    value = {(r["arm"], r["minus"], r["measure"]): float(r["value"]) for r in rows}
    assert value["SAT", "", ROBUST.title] == pytest.approx(0.5)
    assert value["SAT", "DPAAT", ROBUST_TWICE.title] == pytest.approx(0.1)


def test_the_paper_s_figures_are_those_of_its_table():
    assert read_paper_table(1)["wide", "DPAAT"]["GAcc"] == 71.93
    assert read_paper_table(2)["light", "SAT"]["mARP"] == 0.76


def test_a_folder_without_records_is_told_in_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="pass the folder of a study's records"):
        write_report(tmp_path)


def test_the_choice_of_a_recipe_is_shown(tmp_path):
    shares = {f"{arm}, {recipe}": (0.7, 0.5, 0.3) for recipe in ("plain", "averaging") for arm in ("AT", "DPAAT")}
    folder = tmp_path / "records"
    write_study(folder, shares, facts={"title": "Choice", "evaluate": False, "recipes": {"plain": {}, "averaging": {}}})
    text = (write_report(folder).parent / "report.md").read_text()
    # Every simulated training has 0.5 at its best epoch; one planned run is not finished.
    assert "| plain | 3 | 50.0 | 50.0 | 50.0 |" in text
    assert "The recipe is chosen when all of these runs are finished." in text
    assert "Table I" not in text


def test_a_single_finished_run_makes_a_report(tmp_path):
    write_study(tmp_path / "records", {"STD": (0.7, 0.1, 0.0)}, seeds=1)
    text = (write_report(tmp_path / "records").parent / "report.md").read_text()
    assert "1 of 2 runs are finished." in text
    assert "| STD | 1 of 2 | 70.0 (" in text
    assert "supported" not in text.replace("A claim is supported", "")


def test_external_images_have_a_section_of_their_own(group, page):
    external = group.external
    assert list(external.arms) == ["AT", "SAT"]
    assert CLEAN.estimate(external.arms["AT"], external.test_set).value == pytest.approx(0.5)
    text = (page.parent / "report.md").read_text()
    assert "## A group: external images of elsewhere" in text


def test_an_epoch_without_a_figure_in_any_seed_has_no_mean():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mean_by_epoch([[None, 1.0, 2.0], [None, 3.0, None, 9.0]])
    np.testing.assert_array_equal(found, [np.nan, 2.0, 2.0])
