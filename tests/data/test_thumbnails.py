import numpy as np
from PIL import Image

from custom.data.intensity import IntensityWindow
from custom.data.thumbnails import thumbnail_grid


def test_a_row_for_each_class_as_the_network_sees_it(tmp_path):
    Image.fromarray(np.full((4, 6), 2000, np.uint16)).save(tmp_path / "gray.png")
    Image.fromarray(np.full((4, 6), 9999, np.uint16)).save(tmp_path / "white.png")
    items = [{"image": tmp_path / name, "label": label} for label, name in ((0, "gray.png"), (1, "white.png"))]
    items += [{"image": tmp_path / "gray.png", "label": 0}, {"image": tmp_path / "none.png", "label": 1}]
    grid = np.array(thumbnail_grid(items, IntensityWindow(16, 0, 4000), per_class=2, size=5))
    assert grid.shape == (10, 10, 3)
    assert np.unique(grid[:5]).tolist() == [128]
    assert np.unique(grid[5:, :5]).tolist() == [255]
    assert grid[7, 7].tolist() == [255, 0, 0]


def test_no_more_than_asked_for(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    grid = thumbnail_grid([{"image": tmp_path / "a.png", "label": 0}] * 9, IntensityWindow(), per_class=3, size=10)
    assert grid.size == (30, 10)


def test_classes_are_named_in_their_rows(tmp_path):
    Image.new("L", (4, 4), 200).save(tmp_path / "a.png")
    items = [{"image": tmp_path / "a.png", "label": label} for label in (0, 1)]
    plain = np.array(thumbnail_grid(items, IntensityWindow(), size=40))
    named = np.array(thumbnail_grid(items, IntensityWindow(), size=40, names=["MEL", "NV"]))
    changed = (plain != named).any(axis=2)
    assert changed[:20].any()
    assert changed[40:60].any()
    assert not changed[20:40].any()
