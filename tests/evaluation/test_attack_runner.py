import numpy as np
import pytest

from custom.attacks import PGD

from .attacks import TABLE, Counted, Late


def test_finished_attacks_are_not_run_again(evaluate):
    Counted.calls.clear()
    first = evaluate(["counted"])
    # Four batches of the data, one of the misclassified images, for stability, and one of examples for the report.
    assert Counted.calls == {0.05: 4 + 1 + 1}
    second = evaluate(["counted", "other"])
    # The examples are those of the first ball.
    assert Counted.calls == {0.05: 6 + 1, 0.1: 4}
    assert second["attacks"]["counted"] == first["attacks"]["counted"]


def test_an_interrupted_evaluation_resumes_with_the_attack_that_it_was_at(evaluate, tmp_path, monkeypatch):
    Counted.calls.clear()
    monkeypatch.setattr(Late, "interrupted", True)
    with pytest.raises(KeyboardInterrupt):
        evaluate(["counted", "late"])
    assert [path.name for path in (tmp_path / "results").rglob("*")] == ["attacks", "counted.npz"]
    monkeypatch.setattr(Late, "interrupted", False)
    evaluate(["counted", "late"])
    assert Counted.calls == {0.05: 4 + 1 + 1}


@pytest.mark.parametrize("changed", ["weights", "data", "attack", "seed"])
def test_finished_attacks_count_only_for_what_they_were_made_of(evaluate, network, items, changed, monkeypatch):
    evaluate(["counted"])
    Counted.calls.clear()
    options = {}
    if changed == "weights":
        network.scale.data += 1
    elif changed == "data":
        items[0]["image"] += 0.01
    elif changed == "attack":
        monkeypatch.setattr(TABLE["counted"], "batch_norm", "training")
    else:
        options["seed"] = 1
    evaluate(["counted"], **options)
    assert Counted.calls[0.05] == 6


def test_a_resumed_evaluation_equals_an_uninterrupted_one(evaluate, tmp_path, monkeypatch):
    """Also with an attack that draws random numbers, as each starts from its own seed."""
    monkeypatch.setitem(TABLE, "random", PGD(epsilon=0.5, steps=3, norm="l2", random_start=True))
    names = ["random", "late", "random2"]
    monkeypatch.setitem(TABLE, "random2", PGD(epsilon=0.5, steps=3, norm="l2", random_start=True, seed=5))
    whole = evaluate(names, output_dir=tmp_path / "whole")
    monkeypatch.setattr(Late, "interrupted", True)
    with pytest.raises(KeyboardInterrupt):
        evaluate(names, output_dir=tmp_path / "resumed")
    monkeypatch.setattr(Late, "interrupted", False)
    resumed = evaluate(names, output_dir=tmp_path / "resumed")
    assert {**whole, "created": ""} == {**resumed, "created": ""}
    for name in ("predictions.csv", "metrics.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "resumed" / name).read_bytes()
    with np.load(tmp_path / "whole/data/examples.npz") as one, np.load(tmp_path / "resumed/data/examples.npz") as two:
        assert all(np.array_equal(one[name], two[name]) for name in one)
