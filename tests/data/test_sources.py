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
    with pytest.raises(FileNotFoundError, match="nowhere does not exist; pass a folder, a table or a zip archive"):
        Sources([tmp_path / "nowhere"])
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.writestr("inner.zip", b"")
    with pytest.raises(ValueError, match=r"outer.zip holds further archives \(inner.zip\); unpack it"):
        Sources([tmp_path / "outer.zip"])
    whole = (tmp_path / "outer.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"half.zip is not a complete zip archive"):
        Sources([tmp_path / "half.zip"])


def test_encrypted_and_huge_members_are_refused_before_anything_is_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.png", bytes(10**6))
    content = bytearray((tmp_path / "a.zip").read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    locked = content.copy()
    locked[directory + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(ValueError, match=r"locked.zip is encrypted \(zeros.png\); unpack it with its password"):
        Sources([tmp_path / "locked.zip"])
    content[directory + 24 : directory + 28] = (2**31).to_bytes(4, "little")
    (tmp_path / "bomb.zip").write_bytes(content)
    with pytest.raises(ValueError, match=r"bomb.zip holds zeros.png, which unpacks to 2048 MiB; at most 512 MiB"):
        Sources([tmp_path / "bomb.zip"])


def test_a_damaged_member_is_an_error_of_its_own(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one.txt", b"1234567890")
    content = (tmp_path / "a.zip").read_bytes().replace(b"1234567890", b"1234567891", 1)
    (tmp_path / "a.zip").write_bytes(content)
    with Sources([tmp_path / "a.zip"]) as sources, pytest.raises(OSError, match="it is damaged inside the archive"):
        sources.read(sources.files[0])
