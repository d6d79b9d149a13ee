import zipfile
import zlib

import pytest

from custom.data.sources import Sources


def test_folders_archives_and_files_are_read_alike(tmp_path):
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "deep" / "one.TXT").write_bytes(b"1")
    (tmp_path / "a" / ".hidden").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "a" / "b.zip", "w") as archive:
        archive.writestr("x/two.txt", b"22")
        archive.writestr("__MACOSX/x/._two.txt", b"")
    (tmp_path / "three.txt").write_bytes(b"333")
    with Sources([tmp_path / "a", tmp_path / "three.txt", tmp_path / "a"]) as sources:
        content = {file.stem: sources.read(file) for file in sources.files}
        assert content == {"one": b"1", "two": b"22", "three": b"333"}
        assert len(sources.files) == 3
        assert {f.suffix for f in sources.files} == {".txt"}
        for file in sources.files:
            assert sources.signature(file) == (len(content[file.stem]), zlib.crc32(content[file.stem]))


def test_missing_broken_and_nested_archives_give_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere does not exist: give a folder or a zip archive"):
        Sources([tmp_path / "nowhere"])
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.writestr("inner.zip", b"")
    with pytest.raises(ValueError, match=r"outer.zip holds further archives \(inner.zip\): unpack it"):
        Sources([tmp_path / "outer.zip"])
    whole = (tmp_path / "outer.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"half.zip is not a complete zip archive"):
        Sources([tmp_path / "half.zip"])
