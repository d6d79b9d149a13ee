"""The page on methods says what the code does."""

import inspect
import json
import re

import pytest

from benchmarks.tables import frame_of
from custom.methods import method_names
from custom.methods.base.create import method_class

# Defaults that depend on the preset epsilon or on other options.
DERIVED = {None: {"none", "epsilon / 10", "1.9/8 epsilon", "epsilon", "epsilon_max / 10", "0, 1, 2 over the epochs"}}


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "reference" / "methods.md").read_text(encoding="utf-8")


def rows(page, heading):
    """The cells of a table's rows, by the methods in the first cell."""
    table = page[page.index(heading) :].split("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return {name: row for row in cells for name in re.findall(r"`(\w+)`", row[0])}


@pytest.mark.parametrize("heading", ["| method | minimizes", "| method | attack"])
def test_every_method_is_in_the_tables(page, heading):
    assert set(rows(page, heading)) == set(method_names())


@pytest.mark.parametrize("name", method_names())
def test_the_options_and_their_defaults_are_those_of_the_code(page, name):
    taken = inspect.signature(method_class(name)).parameters
    for option, default in re.findall(r"`(\w+)` \(([^)]*)\)", rows(page, "| method | minimizes")[name][-1]):
        value = taken[option].default
        assert default in DERIVED.get(value, {str(value).lower()}), option
    assert ("label_smoothing" in taken) == (name != "mart")


def test_the_variants_of_dpaat_have_the_defaults_of_the_code(page):
    taken = inspect.signature(method_class("dpaat")).parameters
    for option, (_, default, _) in rows(page, "| option | default").items():
        assert default.strip("`").lower() == str(taken[option].default).lower()


def test_the_cost_of_a_step_is_what_was_measured(page, root):
    record = json.loads((root / "docs" / "results" / "benchmark" / "methods" / "benchmark.json").read_text())
    frame = frame_of(record["rows"])
    measured = frame[frame["part"] == "methods"].pivot(index="case", columns="network", values="ratio")
    assert set(method_names()) <= set(measured.index)
    for name, row in rows(page, "| method | attack").items():
        # Two methods of one row have the same passes.
        for network, ratio in zip(("squeezenet1_0", "small_resnet"), row[3].split(" / "), strict=True):
            assert float(ratio) == pytest.approx(measured[network][name], rel=0.05), name
