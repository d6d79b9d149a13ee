import subprocess
import sys

import pytest

from custom.files import locked

COUNT = """
import sys
from pathlib import Path
from custom.files import locked
folder = Path(sys.argv[1])
for _ in range(200):
    with locked(folder / ".lock"):
        number = int((folder / "number").read_text())
        (folder / "number").write_text(str(number + 1))
"""


def test_one_process_at_a_time_and_no_file_is_left(root, tmp_path):
    (tmp_path / "number").write_text("0")
    processes = [subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path)], cwd=root) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert (tmp_path / "number").read_text() == "600"
    assert [path.name for path in tmp_path.iterdir()] == ["number"]


def test_nothing_is_left_after_an_error(tmp_path):
    with pytest.raises(ValueError, match="damaged"), locked(tmp_path / ".lock"):
        raise ValueError("damaged")
    assert list(tmp_path.iterdir()) == []
