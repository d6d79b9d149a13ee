"""The folders of a study are its own."""

import pytest

from custom.study.grid import Grid
from custom.study.plan import check_study, read_plan, write_plan
from custom.study.planned_run import PlannedRun


def test_the_folder_of_another_study_is_refused(tmp_path):
    output, records = tmp_path / "out", tmp_path / "records"
    run = PlannedRun("g", "AT", 0, {"method": "at", "seed": 0}, "d", "")
    write_plan(output, records, Grid("first", {"g": {"title": "G", "arms": {}}}, (run,), {}))
    check_study(output, records, "first")
    assert read_plan(records)["runs"] == [{"group": "g", "arm": "AT", "seed": 0, "hash": run.hash}]
    with pytest.raises(ValueError, match="out is the folder of the study 'first', not of 'second'"):
        check_study(output, tmp_path / "new", "second")
    with pytest.raises(ValueError, match="records is the folder of the study 'first'"):
        check_study(tmp_path / "new", records, "second")


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(ValueError, match="holds other files than the study"):
        check_study(tmp_path / "photos", tmp_path / "photos" / "records", "first")
