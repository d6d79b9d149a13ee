"""The time section of trainings whose times and accuracies are known."""

from pathlib import Path

import pytest

from custom.study.report.time_to_accuracy import progress_of, time_section
from custom.study.results import Arm, Group


def record(seconds, accuracies):
    return {
        "history": {"val_accuracy_attacked": accuracies},
        "times": None if seconds is None else {"cpu_seconds": seconds, "seconds": [2 * value for value in seconds]},
    }


def group(**facts):
    arms = {
        # The best epochs reach 0.6 and 0.7: the level is 0.95 * 0.65 = 0.6175.
        "AT": Arm("AT", {0: record([10] * 4, [0.1, 0.5, 0.6, 0.5]), 1: record([10] * 4, [0.2, 0.4, 0.62, 0.7])}, 2),
        "fast": Arm("fast", {0: record([4, 6], [0.4, 0.63]), 1: record([4, 6], [0.3, 0.6])}, 2),
        "slow": Arm("slow", {0: record([20] * 2, [0.3, None])}, 1),
    }
    return Group("g", {"baselines": ["AT"], **facts}, arms, 5, Path())


def cells(section):
    return {row[0].text: [getattr(cell, "text", cell) for cell in row[1:]] for row in section.tables[0].rows}


def test_the_level_is_reached_in_the_sum_of_the_epochs_up_to_it():
    found = cells(time_section(group()))
    # One of AT's seeds reaches 0.6175, after three epochs of ten seconds, of its 40 seconds.
    assert found["AT"][:5] == [2, "40", "1.00", "65.0 (60.0 to 70.0)", "30 (0.75)"]
    # 0.63 after 4 + 6 seconds; the other seed's 0.6 is below the level. A third of AT's time is 13.3 seconds.
    assert found["fast"] == [2, "10", "0.25", "61.5 (60.0 to 63.0)", "10 (0.25)", "61.5 (60.0 to 63.0)"]
    assert found["slow"][4:] == ["–", "0.0 (0.0 to 0.0)"]


def test_who_reaches_it_in_some_seeds_alone_says_so():
    rows = {row[0].text: row for row in time_section(group()).tables[0].rows}
    assert rows["fast"][5].note == "1 of 2 seeds reach it"
    assert rows["slow"][5].note == "not reached"


def test_on_a_gpu_the_clock_counts():
    section = time_section(group(clock="seconds"))
    assert cells(section)["AT"][1] == "80"
    assert section.tables[0].header[2] == "Seconds"


def test_a_run_without_times_takes_the_mean_of_the_other_seeds():
    arm = Arm("a", {0: record(None, [0.1, 0.2]), 1: record([1, 2], [0, 0]), 2: record([3, 6], [0, 0])}, 3)
    assert progress_of(arm)[0].seconds.tolist() == [2, 6]
    assert progress_of(Arm("a", {0: record(None, [0.1])}, 1)) == {}


def test_seeds_may_stop_at_different_epochs():
    arm = Arm("a", {0: record(None, [0.1, 0.2]), 1: record([1, 2, 9], [0] * 3), 2: record([3, 6], [0] * 2)}, 3)
    assert progress_of(arm)[0].seconds.tolist() == [2, 6]


@pytest.mark.parametrize("facts", [{"baselines": []}, {"baselines": ["AT", "DPAAT"]}])
def test_without_a_baseline_there_is_no_section(facts):
    assert time_section(group(**facts)) is None
