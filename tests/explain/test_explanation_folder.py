import json

import numpy as np
import pytest

from custom.explain import ExplanationFolder

SUMMARY = {"measures": {}}


def written(path) -> set[str]:
    return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}


def test_appears_as_a_whole_and_replaces_its_like(tmp_path):
    folder = ExplanationFolder(tmp_path / "out")
    for name in ("first", "second"):
        folder.open()
        folder.add(name, np.zeros((3, 4, 4)), np.eye(4))
        assert not (tmp_path / "out" / "maps" / f"{name}.npy").exists()
        folder.close({"value": float("nan")}, SUMMARY, b"png")
    assert written(tmp_path / "out") == {
        "explanations.json",
        "measures.csv",
        "sheet.png",
        "maps/second.npy",
        "maps/second.png",
        "overlays/second.png",
    }
    assert json.loads((tmp_path / "out" / "explanations.json").read_text()) == {"value": None}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_peoples_files_are_safe(tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(ValueError, match="holds other things than explanations"):
        ExplanationFolder(tmp_path)
    with pytest.raises(ValueError, match="is a file: pass a folder for the explanations"):
        ExplanationFolder(tmp_path / "thesis.txt")
    folder = ExplanationFolder(tmp_path / "new")
    folder.open()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_text("")
    with pytest.raises(ValueError, match="holds other things"):
        folder.close({}, SUMMARY, None)
    assert written(tmp_path / "new") == {"mine.txt"}
