import pytest

from custom.benchmark.ratio import Ratio, ratio, relative_to
from custom.benchmark.row import Row
from custom.benchmark.timing import Timing


def row(case, *seconds, part="attack", size=112):
    return Row(part, "resnet34", size, 8, case, Timing(seconds))


def test_repeats_are_paired():
    # The machine is four times slower in the last repeat: ratios 2, 1 and 3, of which the median is 2. That of the
    # medians would be 4 / 3.
    found = ratio(row("a", 4.0, 2.0, 12.0), row("b", 2.0, 2.0, 4.0))
    assert found == Ratio((2.0, 1.0, 3.0))
    assert (found.low, found.median, found.high) == (1.0, 2.0, 3.0)


def test_a_machine_that_drifts_leaves_the_ratio():
    seconds = (1.0, 1.5, 4.0)
    assert ratio(row("a", *seconds), row("b", *(2 * value for value in seconds))) == Ratio((0.5, 0.5, 0.5))


def test_rows_with_other_repeats_are_refused():
    with pytest.raises(ValueError, match="zip"):
        ratio(row("a", 1.0, 2.0), row("b", 1.0))


def test_ratios_are_taken_within_a_group():
    ours, theirs = row("ours, exact", 2.0), row("torchattacks", 4.0)
    rows = [row("torchattacks", 9.0, size=224), ours, theirs]
    assert relative_to(rows, ours, "torchattacks") == Ratio((0.5,))
    assert relative_to(rows, ours, "floor") is None
