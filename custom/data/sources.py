"""Files in folders and in zip archives, read alike."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from threading import Lock
from types import TracebackType


@dataclass(frozen=True)
class SourceFile:
    """One file: on disk, or a member of an open zip archive.

    Args:
        path: the file itself, or the archive that holds it.
        member: the name inside the archive, ``None`` for a file on disk.

    """

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return PurePosixPath(self.member).name if self.member else self.path.name

    @property
    def stem(self) -> str:
        """The file's name without its folders and its last suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, with its dot."""
        return PurePosixPath(self.name).suffix.lower()

    def __str__(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)


class Sources:
    """All files below some folders (searched recursively) and inside some zip archives.

    Archives that lie in the folders are opened, too. Hidden files and the ``__MACOSX`` copies that macOS adds
    to archives are left out. Use it as a context manager: it keeps the archives open.

    Args:
        paths: folders, zip archives or single files.

    Raises:
        FileNotFoundError: a path does not exist.
        ValueError: an archive cannot be read, or holds further archives.

    Example::

        >>> with Sources([Path("HAM10000_images_part_1.zip"), Path("part_2")]) as sources:
        ...     data = {file.stem: sources.read(file) for file in sources.files}

    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._archives: dict[Path, zipfile.ZipFile] = {}
        self._lock = Lock()
        found: dict[SourceFile, None] = {}  # an ordered set: overlapping paths give each file once
        for path in paths:
            found.update(dict.fromkeys(self._scan(path)))
        self.files = list(found)

    def read(self, file: SourceFile) -> bytes:
        """Return a file's content. Safe to call from several threads.

        Args:
            file: one of ``files``.

        Raises:
            OSError: the file cannot be read.
            zipfile.BadZipFile: the archive's member is damaged.

        """
        if file.member is None:
            return file.path.read_bytes()
        with self._lock:
            return self._archives[file.path].read(file.member)

    def signature(self, file: SourceFile) -> tuple[int, int]:
        """Return size and CRC-32, equal for copies of one file. Archives store both: nothing is unpacked."""
        if file.member is None:
            content = file.path.read_bytes()
            return len(content), zlib.crc32(content)
        info = self._archives[file.path].getinfo(file.member)
        return info.file_size, info.CRC

    def close(self) -> None:
        """Close the archives."""
        for archive in self._archives.values():
            archive.close()

    def __enter__(self) -> Sources:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _scan(self, path: Path) -> list[SourceFile]:
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist: give a folder or a zip archive.")
        path = path.resolve()
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
        else:
            files = [path]
        found: list[SourceFile] = []
        for file in files:
            found += self._members(file) if file.suffix.lower() == ".zip" else [SourceFile(file)]
        return found

    def _members(self, path: Path) -> list[SourceFile]:
        if path not in self._archives:
            try:
                self._archives[path] = zipfile.ZipFile(path)
            except zipfile.BadZipFile:
                raise ValueError(f"{path} is not a complete zip archive: download it again or leave it out.") from None
        names = [PurePosixPath(i.filename) for i in self._archives[path].infolist() if not i.is_dir()]
        names = [n for n in names if not _hidden(n)]
        inner = [n for n in names if n.suffix.lower() == ".zip"]
        if inner:
            raise ValueError(f"{path} holds further archives ({inner[0]}): unpack it and give its folder instead.")
        return [SourceFile(path, str(n)) for n in names]


def _hidden(path: PurePath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
