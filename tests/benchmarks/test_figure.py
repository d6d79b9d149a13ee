import pytest
from matplotlib.figure import Figure

from benchmarks import figure
from benchmarks.figure import benchmark_png

PLACE = {"network": "resnet34", "size": 112, "batch_size": 8}
ROWS = [
    {"part": "attack", "method": "", **PLACE, "case": "ours, exact", "seconds": [1.0, 2.0]},
    {"part": "attack", "method": "", **PLACE, "case": "torchattacks", "seconds": [4.0, 4.0]},
    {"part": "training", "method": "dpaat", **PLACE, "case": "ours, exact", "seconds": [3.0]},
    {"part": "scaling", "method": "at", **PLACE, "case": "ours, exact", "seconds": [3.0]},
]


def test_bars_are_ratios_and_points_are_milliseconds_per_image(monkeypatch):
    drawn = []
    monkeypatch.setattr(figure, "figure_png", drawn.append)
    benchmark_png(ROWS)
    axes = {axes.get_title(): axes for axes in drawn[0].axes}
    assert [bar.get_height() for bar in axes["attack: time, torchattacks = 1"].patches] == pytest.approx([0.375])
    (curve,) = axes["Ours: milliseconds per image of a training step"].lines
    assert curve.get_xydata().tolist() == [[8.0, 375.0]]
    assert isinstance(drawn[0], Figure)


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
def test_any_rows_give_a_png(rows):
    assert benchmark_png(rows).startswith(b"\x89PNG")
