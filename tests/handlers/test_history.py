import csv

import pytest

from custom.handlers import History


def rows(path):
    with path.open(newline="") as file:
        return [{k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]


def test_one_row_an_epoch_with_the_metrics_of_both_engines(tiny_training):
    parts = tiny_training(lambda parts: [History(str(parts.output_dir), parts.evaluator)], epochs=3)
    parts.trainer.run()
    found = rows(parts.output_dir / "history.csv")
    assert [row["epoch"] for row in found] == [1, 2, 3]
    assert set(found[0]) == {"epoch", "train_accuracy", "val_accuracy_clean"}
    assert found[-1]["val_accuracy_clean"] == parts.evaluator.state.metrics["val_accuracy_clean"]


def test_going_on_keeps_the_epochs_before_and_drops_what_is_done_again(tiny_training):
    def handlers(parts):
        return [History(str(parts.output_dir), parts.evaluator)]

    first = tiny_training(handlers, epochs=2)
    first.trainer.run()
    path = first.output_dir / "history.csv"
    before = rows(path)
    # As if killed after the third epoch's row, but before its checkpoint.
    with path.open("a") as file:
        file.write("3,0.5,0.5\n")
    tiny_training(handlers, epochs=4, resume=True).trainer.run()
    found = rows(path)
    assert [row["epoch"] for row in found] == [1, 2, 3, 4]
    assert found[:2] == before


def test_a_new_training_starts_a_new_table(tiny_training):
    def handlers(parts):
        return [History(str(parts.output_dir), parts.evaluator)]

    tiny_training(handlers, epochs=3).trainer.run()
    parts = tiny_training(handlers, epochs=1)
    parts.trainer.run()
    assert [row["epoch"] for row in rows(parts.output_dir / "history.csv")] == [1]


def test_what_is_no_table_is_named(tiny_training):
    def handlers(parts):
        return [History(str(parts.output_dir), parts.evaluator)]

    parts = tiny_training(handlers, epochs=1)
    parts.trainer.run()
    (parts.output_dir / "history.csv").write_text("epoch,loss\none,two\n")
    with pytest.raises(ValueError, match=r"history\.csv is not a table of epochs"):
        tiny_training(handlers, epochs=2, resume=True).trainer.run()
