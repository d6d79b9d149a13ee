from pathlib import Path

import pytest

from custom.files import write_atomically


def test_writes_and_makes_the_folder(tmp_path):
    path = tmp_path / "new" / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_what_was_there_survives_a_full_disk(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"one")

    def half(self, content):
        with self.open("wb") as file:
            file.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match=r"^Cannot write .*file: No space left on device; the file that was there is"):
        write_atomically(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
