"""Files in folders and in zip archives, read alike."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path, PurePosixPath
from threading import Lock
from types import TracebackType

from custom.counts import counted
from custom.data.find_files import Skipped, any_hidden, find_files, printable
from custom.data.image_format import HEAD_BYTES, identify, split_suffix

MAX_UNPACKED_BYTES = 512 * 2**20
"""Largest file that is unpacked from an archive; a small archive can hold more than the memory does."""

_ENCRYPTED = 0x1


@dataclass(frozen=True)
class SourceFile:
    """One file: on disk, or a member of an open zip archive.

    Args:
        path: the file itself, or the archive that holds it.
        member: the name inside the archive, ``None`` for a file on disk.
        relative: the file's path below the folder or archive that was given; two files are not told apart by it.
        series: whether it is the folder of a DICOM series, which stands for all its slices.

    """

    path: Path
    member: str | None = None
    relative: PurePosixPath = field(default=PurePosixPath(), compare=False)
    series: bool = False

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return PurePosixPath(self.member).name if self.member else self.path.name

    @property
    def stem(self) -> str:
        """The file's name without its folders and its last suffix."""
        return split_suffix(self.name)[0]

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, with its dot; ``.nii.gz`` is one."""
        return split_suffix(self.name)[1].lower()

    @property
    def short(self) -> str:
        """The relative path, in characters that can be written anywhere."""
        return printable(self.relative if self.relative.parts else self.name)

    def __str__(self) -> str:
        return printable(f"{self.path}/{self.member}" if self.member else str(self.path))


class Sources:
    """All files below some folders (searched recursively) and inside some zip archives.

    Archives that lie in the folders are opened, too. Hidden files and the ``__MACOSX`` copies that macOS adds
    to archives are left out. Use it as a context manager: it keeps the archives open.

    Args:
        paths: folders, zip archives or single files.

    Attributes:
        files: the files, each once.
        skipped: what else lies there, with the reason.

    Raises:
        FileNotFoundError: a path does not exist.
        ValueError: an archive cannot be read, is encrypted, or holds further archives or a file that is too large.

    Example::

        >>> with Sources([Path("HAM10000_images_part_1.zip"), Path("part_2")]) as sources:
        ...     data = {file.stem: sources.read(file) for file in sources.files}

    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._archives: dict[Path, zipfile.ZipFile] = {}
        self._lock = Lock()
        self.skipped: list[Skipped] = []
        found: dict[SourceFile, None] = {}  # an ordered set: overlapping paths give each file once
        for path in paths:
            found.update(dict.fromkeys(self._scan(path)))
        self.files = list(found)

    def read(self, file: SourceFile) -> bytes:
        """Return a file's content. Safe to call from several threads.

        Args:
            file: one of ``files``.

        Raises:
            OSError: the file cannot be read, or is damaged inside its archive.

        """
        if file.member is None:
            return file.path.read_bytes()
        try:
            with self._lock:
                return self._archives[file.path].read(file.member)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise OSError(f"it is damaged inside the archive ({error})") from error

    def head(self, file: SourceFile, size: int) -> bytes:
        """Return a file's first bytes, or all of a shorter one.

        Raises:
            OSError: as `read` does.
        """
        if file.member is None:
            with file.path.open("rb") as opened:
                return opened.read(size)
        try:
            with self._lock, self._archives[file.path].open(file.member) as member:
                return member.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise OSError(f"it is damaged inside the archive ({error})") from error

    def is_dicom(self, file: SourceFile) -> bool:
        """Tell whether the content of a file is DICOM."""
        try:
            return not file.series and identify(self.head(file, HEAD_BYTES)) == "DICOM"
        except OSError:
            return False

    def signature(self, file: SourceFile) -> tuple[int, int]:
        """Return size and CRC-32, equal for copies of one file. Archives store both: nothing is unpacked."""
        if file.member is None:
            paths = sorted(file.path.iterdir()) if file.series else [file.path]
            contents = [path.read_bytes() for path in paths if path.is_file()]
            return sum(map(len, contents)), reduce(lambda crc, content: zlib.crc32(content, crc), contents, 0)
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
            raise FileNotFoundError(f"{path} does not exist; pass a folder, a table or a zip archive.")
        root = path.resolve()
        if not root.is_dir():
            if root.suffix.lower() == ".zip":
                return self._members(root, PurePosixPath())
            return [SourceFile(root, None, PurePosixPath(root.name))]
        files, skipped = find_files(root)
        self.skipped += skipped
        found: list[SourceFile] = []
        for file in files:
            relative = PurePosixPath(file.relative_to(root).as_posix())
            if file.suffix.lower() == ".zip":
                found += self._members(file, relative.with_suffix(""))
            else:
                found.append(SourceFile(file, None, relative))
        return found

    def _members(self, path: Path, place: PurePosixPath) -> list[SourceFile]:
        if path not in self._archives:
            try:
                self._archives[path] = zipfile.ZipFile(path)
            except (zipfile.BadZipFile, NotImplementedError):
                raise ValueError(
                    f"{printable(path)} is not a complete zip archive; download it again or leave it out."
                ) from None
        members = [member for member in self._archives[path].infolist() if not member.is_dir()]
        kept = [member for member in members if not any_hidden(PurePosixPath(member.filename))]
        hidden = len(members) - len(kept)
        if hidden:
            self.skipped.append(Skipped(path, f"it holds {counted(hidden, 'hidden file')}"))
        for member in kept:
            name = printable(member.filename)
            if member.filename.lower().endswith(".zip"):
                raise ValueError(
                    f"{printable(path)} holds further archives ({name}); unpack it and pass its folder instead."
                )
            if member.flag_bits & _ENCRYPTED:
                raise ValueError(
                    f"{printable(path)} is encrypted ({name}); unpack it with its password and pass its folder instead."
                )
            if member.file_size > MAX_UNPACKED_BYTES:
                raise ValueError(
                    f"{printable(path)} holds {name}, which unpacks to {member.file_size / 2**20:.0f} MiB; at most "
                    f"{MAX_UNPACKED_BYTES / 2**20:.0f} MiB are read; unpack it and leave that file out."
                )
        return [SourceFile(path, m.filename, place / PurePosixPath(m.filename)) for m in kept]
