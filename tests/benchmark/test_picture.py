from custom.benchmark.picture import benchmark_png
from custom.benchmark.row import Row
from custom.benchmark.timing import Timing

ROWS = [
    Row("attack", "resnet34", 112, 8, "ours, exact", Timing((1.0, 2.0))),
    Row("attack", "resnet34", 112, 8, "torchattacks", Timing((4.0, 3.0))),
    Row("training, dpaat", "resnet34", 112, 8, "ours, exact", Timing((3.0,))),
    Row("scaling, at", "resnet34", 112, 8, "ours, exact", Timing((3.0,))),
]


def test_picture_is_a_png_for_any_rows():
    for rows in (ROWS, ROWS[:1], []):
        assert benchmark_png(rows).startswith(b"\x89PNG")
