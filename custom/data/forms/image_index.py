"""Finding the images that a table names."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path, PurePosixPath

from custom.data.image_format import without_suffix
from custom.data.sources import SourceFile, Sources


class ImageIndex:
    """Finds files by what tables call them: a path, a name, or a name without its suffix.

    Args:
        sources: the files.
        table: the table; paths are relative to its folder first.

    """

    def __init__(self, sources: Sources, table: SourceFile) -> None:
        self.folder = table.path.parent if table.member is None else None
        self._known: dict[str, list[SourceFile]] = defaultdict(list)
        self._sources = sources
        for file in sources.files:
            if file != table:
                parts = file.relative.parts
                for start in range(len(parts)):
                    path = PurePosixPath(*parts[start:])
                    self._known[str(path)].append(file)
                    self._known[str(without_suffix(path))].append(file)

    def find(self, written: str) -> SourceFile | str:
        """Return the file, or why there is none, in words that follow its name.

        Args:
            written: a cell of the table. A backslash counts as a slash.
        """
        path = PurePosixPath(written.replace("\\", "/"))
        if self.folder is not None and (self.folder / path).is_file():
            return SourceFile(Path(self.folder / path).resolve(), None, self._below(path))
        if self.folder is not None and written and (self.folder / path).is_dir():
            return SourceFile((self.folder / path).resolve(), None, self._below(path), series=True)
        found = list(dict.fromkeys(self._known.get(str(path), []))) or list(
            dict.fromkeys(self._known.get(path.name, []))
        )
        if not found:
            return "there is no such file"
        if len(found) > 1 and len({self._sources.signature(file) for file in found}) > 1:
            return f"there are {len(found)} different files of this name"
        return found[0]

    @staticmethod
    def _below(path: PurePosixPath) -> PurePosixPath:
        """The path without what leads out of the folder."""
        return PurePosixPath(*(part for part in path.parts if part not in ("..", "/")))
