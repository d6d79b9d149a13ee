import json
import math

import numpy as np
import pytest

from custom.explain.results import ExplanationRecord, ExplanationWriter, read_explanations
from custom.explain.results.folder import without_nan

SUMMARY = {"measures": {}, "classes": ["MEL", "NV"]}


def record(name: str, **measures) -> ExplanationRecord:
    return ExplanationRecord(name, name, 0, 0, 1, True, name, measures)


def written(path) -> set[str]:
    return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}


def test_appears_as_a_whole_and_replaces_its_like(tmp_path):
    writer = ExplanationWriter(tmp_path / "out")
    for name in ("first", "second"):
        writer.open()
        writer.add(name, np.zeros((3, 4, 4)), np.eye(4))
        assert not (tmp_path / "out" / "maps" / f"{name}.npy").exists()
        writer.close({**SUMMARY, "value": math.nan}, [], lambda folder: (folder / "grid.png").write_bytes(b"png"))
    assert written(tmp_path / "out") == {
        "explanations.json",
        "measures.csv",
        "grid.png",
        "images/second.png",
        "maps/second.npy",
        "maps/second.png",
    }
    assert json.loads((tmp_path / "out" / "explanations.json").read_text())["value"] is None
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_error_while_drawing_leaves_the_earlier_results(tmp_path):
    writer = ExplanationWriter(tmp_path / "out")
    writer.open()
    writer.close(SUMMARY, [record("a")])
    writer.open()
    with pytest.raises(RuntimeError):
        writer.close(SUMMARY, [], lambda folder: (_ for _ in ()).throw(RuntimeError()))
    assert [found.image_id for found in read_explanations(tmp_path / "out").records] == ["a"]


def test_what_was_written_is_read_back(tmp_path):
    writer = ExplanationWriter(tmp_path / "out")
    writer.open()
    image, saliency, mask = np.full((3, 4, 4), 0.4), np.eye(4, dtype=np.float32), np.tri(4) * 255
    writer.add("a", image, saliency)
    writer.add_mask("a", mask)
    writer.close(SUMMARY, [record("a", deletion=0.5, energy_inside=math.nan, iou=[0.25, math.nan])])
    found = read_explanations(tmp_path / "out")
    assert found.records == [record("a", deletion=0.5, energy_inside=None, iou=[0.25, None])]
    assert found.classes == ["MEL", "NV"]
    np.testing.assert_allclose(found.image("a"), image)
    np.testing.assert_array_equal(found.map("a"), saliency)
    np.testing.assert_array_equal(found.mask(found.records[0]), np.tri(4))


def test_no_two_images_share_a_file(tmp_path):
    writer = ExplanationWriter(tmp_path / "out")
    writer.open()
    names = [writer.file_name(name) for name in ("a/b", "a_b", "A_b", "x_attacked", "x", "y", "y_attacked")]
    assert names == ["a_b", "a_b-2", "A_b-3", "x_attacked", "x-2", "y", "y_attacked-2"]
    taken = [f"{name}{suffix}".lower() for name in names for suffix in ("", "_attacked")]
    assert len(set(taken)) == len(taken)


def test_no_explanations(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No explanations\.json found in"):
        read_explanations(tmp_path)


def test_other_peoples_files_are_safe(tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(ValueError, match="holds other files than explanations"):
        ExplanationWriter(tmp_path)
    with pytest.raises(ValueError, match="is a file; pass a folder for the explanations"):
        ExplanationWriter(tmp_path / "thesis.txt")
    writer = ExplanationWriter(tmp_path / "new")
    writer.open()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_text("")
    with pytest.raises(ValueError, match="holds other files"):
        writer.close(SUMMARY, [])
    assert written(tmp_path / "new") == {"mine.txt"}


def test_without_nan():
    content = {"a": [1.0, math.nan], "b": {"c": math.nan}, "d": "nan", "e": 1}
    assert without_nan(content) == {"a": [1.0, None], "b": {"c": None}, "d": "nan", "e": 1}
