import json

import pytest

from custom.benchmark.group import Group
from custom.benchmark.row import Row
from custom.benchmark.timing import Timing

ROW = Row("attack", "resnet34", 112, 8, "ours, exact", Timing((1.0, 2.0, 3.0)), 5_000_000, 0.5, 1e-6)


def test_record_is_complete():
    record = ROW.as_record()
    assert record["seconds"] == (1.0, 2.0, 3.0)
    assert (record["median"], record["spread"], record["memory"]) == (2.0, 2.0, 5_000_000)


def test_record_is_read_back():
    bare = Row("training, at", "resnet34", 112, 8, "floor", Timing((0.1,)))
    for row in (ROW, bare):
        assert Row.from_record(json.loads(json.dumps(row.as_record()))) == row


def test_record_without_seconds_is_refused():
    record = ROW.as_record()
    del record["seconds"]
    with pytest.raises(KeyError):
        Row.from_record(record)


def test_group_is_all_but_the_case():
    assert ROW.group == Group("attack", "resnet34", 112, 8)
