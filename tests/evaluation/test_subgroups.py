import json

import numpy as np
import pytest

from custom.evaluation import Subgroups
from custom.evaluation.intervals import Intervals
from custom.evaluation.subgroups import group_names

IDS = [f"image_{index}" for index in range(70)]
# 30 women, 30 men, 5 of a third group, 5 unknown; the first 24 women and 15 men are right.
SEX = ["female"] * 30 + ["male"] * 30 + ["other"] * 5 + [None] * 5
CLEAN = np.array([True] * 24 + [False] * 6 + [True] * 15 + [False] * 15 + [False] * 10)
WORST = CLEAN & (np.arange(70) % 2 == 0)
AGE = [str(20 + index % 60) for index in range(70)]
ATTRIBUTES = {name: {"sex": sex, "age": age} for name, sex, age in zip(IDS, SEX, AGE, strict=True)}
INTERVALS = Intervals(np.array([f"lesion_{index // 2}" for index in range(70)]), 100, 0)
BALL = {"norm": "l2", "epsilon": 0.3, "value": 0.2}


def test_groups_worked_out_by_hand():
    found = Subgroups(ATTRIBUTES).measure(IDS, CLEAN, WORST, BALL, INTERVALS)
    assert list(found) == ["age", "sex"]
    sex = found["sex"]
    rows = {row["group"]: row for row in sex["groups"]}
    assert {name: (row["images"], row["lesions"], row["small"]) for name, row in rows.items()} == {
        "female": (30, 15, False),
        "male": (30, 15, False),
        "other": (5, 3, True),
    }
    assert rows["female"]["clean"]["value"] == pytest.approx(24 / 30)
    assert rows["male"]["clean"]["value"] == pytest.approx(15 / 30)
    assert rows["female"]["worst_case"]["value"] == pytest.approx(12 / 30)
    assert rows["female"]["clean"]["low"] < 0.8 < rows["female"]["clean"]["high"]
    # The third group does worse, but is too small to be named.
    assert rows["other"]["worst_case"]["value"] == 0
    assert (sex["worst"], sex["worst_by"], sex["missing"]) == ("male", "worst_case", 5)
    assert sex["ball"] == {"norm": "l2", "epsilon": 0.3}


def test_without_an_attack_the_worst_group_is_that_of_clean_images():
    sex = Subgroups(ATTRIBUTES, ["sex"]).measure(IDS, CLEAN, None, None, INTERVALS)["sex"]
    assert (sex["worst"], sex["worst_by"], sex["ball"]) == ("male", "clean", None)
    assert sex["groups"][0]["worst_case"] is None


def test_nothing_known_is_no_table():
    assert Subgroups({}).measure(IDS, CLEAN, WORST, BALL, INTERVALS) is None
    same = {name: {"sex": "female"} for name in IDS}
    assert Subgroups(same).measure(IDS, CLEAN, WORST, BALL, INTERVALS) is None


def test_a_column_that_nobody_has_gets_one_sentence():
    with pytest.raises(ValueError, match="No image has the column 'scanner'; known are age, sex"):
        Subgroups(ATTRIBUTES, ["scanner"])


def test_numbers_of_many_sizes_become_four_ranges():
    groups = group_names([str(age) for age in range(20, 100)] + ["", "unknown", "nan"])
    assert groups[-3:] == [None] * 3
    names, counts = np.unique([group for group in groups if group], return_counts=True)
    assert names.tolist() == ["20 to 39", "40 to 59", "60 to 79", "80 to 99"]
    assert counts.tolist() == [20] * 4


def test_a_few_numbers_stay_themselves_and_many_names_are_gathered():
    assert group_names(["1", "2", "1"]) == ["1", "2", "1"]
    groups = group_names([f"site {index}" for index in range(30)] + ["site 0", "site 29"])
    assert {"site 0", "site 29", "other"} <= set(groups)
    assert len(set(groups)) == 12


def test_any_column_of_a_datalist(tmp_path):
    items = []
    for index in range(4):
        (tmp_path / f"{index}.png").write_bytes(b"")
        item = {"image": f"{index}.png", "label": index % 2, "image_id": f"i{index}", "scanner": "AB"[index % 2]}
        items.append({**item, "attributes": {"sex": "f"}} if index else item)
    content = {"labels": {"0": "a", "1": "b"}, "test": items}
    (tmp_path / "datalist.json").write_text(json.dumps(content))
    groups = Subgroups.read(tmp_path, "test", "scanner")
    assert groups.columns == ["scanner"]
    assert groups.attributes["i1"] == {"scanner": "B", "sex": "f"}
    assert groups.attributes["i0"] == {"scanner": "A"}
