import pytest
from mlflow.utils.validation import _validate_metric_name

from custom.tracking.names import metric_names


@pytest.mark.parametrize(
    "text", ["a(b)", "a/b", "a,b", "$x$", "L\u00e4sion", "", ".", "..", "a//b", "/a", "=1", "a|b", "a:b"]
)
def test_mlflow_takes_every_name(text):
    (name,) = metric_names([("clean", text)])
    _validate_metric_name(name)
    (alone,) = metric_names([(text,)])
    _validate_metric_name(alone)


def test_names_that_would_be_the_same_are_told_apart():
    assert metric_names([("a/b",), ("a,b",), ("A b",), ("a b",)]) == ["a_b", "a_b_2", "A b", "a b_2"]


def test_plain_names_stay():
    assert metric_names([("pgd20", "0.1", "accuracy_low")]) == ["pgd20/0.1/accuracy_low"]


def test_endings_are_told_apart_too():
    endings = ("", "_low", "_high")
    found = metric_names([("x",), ("x_low",), ("x",)], endings)
    assert found == ["x", "x_low_2", "x_2"]
    assert len({f"{name}{ending}" for name in found for ending in endings}) == 9
