"""Finding the table of images and labels, and which of its columns hold what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from custom.data.forms.recognized import FormOptions
from custom.data.sources import SourceFile, Sources
from custom.data.table import Table, read_table

IMAGE_COLUMNS = (
    *("image", "image id", "images", "image file", "image name", "image path", "image index", "img", "img path"),
    *("filename", "file", "file name", "file path", "path", "isic id", "id", "name"),
)
LABEL_COLUMNS = (
    *("label", "labels", "class", "class name", "diagnosis", "dx", "target", "category", "finding labels"),
    *("finding", "benign malignant"),
)
GROUP_COLUMNS = (
    *("patient", "patient id", "subject", "subject id", "participant id", "person id", "case", "case id"),
    *("lesion", "lesion id", "group", "group id"),
)
SPLIT_COLUMNS = ("split", "subset", "partition", "set")
MASK_COLUMNS = ("mask", "mask path", "segmentation")


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what; ``one_hot`` are those of the classes."""

    image: str
    label: str | None
    one_hot: tuple[str, ...] = ()
    group: str | None = None
    split: str | None = None
    mask: str | None = None


def find_columns(table: Table, options: FormOptions) -> Columns | None:
    """Recognize a table's columns.

    Args:
        table: the table.
        options: columns that the user names.

    Returns:
        The columns; ``None`` if it is not a table of images and labels.

    Raises:
        ValueError: it lacks a column that the user names.

    """

    def pick(chosen: str | None, spellings: Sequence[str]) -> str | None:
        return table.require(chosen) if chosen else table.find(spellings)

    image = pick(options.image_column, IMAGE_COLUMNS)
    label = pick(options.label_column, LABEL_COLUMNS)
    group, split = pick(options.group_column, GROUP_COLUMNS), pick(options.split_column, SPLIT_COLUMNS)
    mask = table.find(MASK_COLUMNS)
    if image is None:
        return None
    if label is not None:
        return Columns(image, label, (), group, split, mask)
    others = [column for column in table.columns if column not in (image, group, split, mask)]
    one_hot = tuple(column for column in others if _is_indicator(table, column))
    return Columns(image, None, one_hot, group, split, mask) if len(one_hot) > 1 else None


def _is_indicator(table: Table, column: str) -> bool:
    return bool(table.rows) and {row[column] for row in table.rows} <= {"0", "1", "0.0", "1.0"}


def find_table(sources: Sources, options: FormOptions) -> tuple[SourceFile, Table, Columns] | None:
    """Find the table of images and labels.

    Args:
        sources: the files.
        options: what the user says; ``table`` names one.

    Returns:
        The file, the table and its columns; ``None`` if there is none.

    Raises:
        ValueError: there are several, the named one is not such a table, or there is only an Excel file.

    """
    if options.table is not None:
        file = SourceFile(options.table.resolve())
        table = read_table(options.table.read_bytes(), str(options.table))
        return file, table, _required(table, options)
    candidates = [file for file in sources.files if file.suffix in (".csv", ".tsv", ".tab")]
    found, tables = [], []
    for file in candidates:
        try:
            table = read_table(sources.read(file), str(file))
        except (OSError, ValueError):
            if len(candidates) == 1:
                raise
            continue
        tables.append(table)
        columns = find_columns(table, options)
        if columns is not None and table.rows:
            found.append((file, table, columns))
    different = {sources.signature(file): (file, table, columns) for file, table, columns in reversed(found)}
    if len(different) > 1:
        names = " and ".join(file.short for file, *_ in found[:3])
        raise ValueError(f"There are {len(different)} tables of images and labels ({names}); name one with --table.")
    if not found and len(sources.files) == 1:
        if sources.files[0].suffix in (".xlsx", ".xls", ".ods"):
            raise ValueError(f"{sources.files[0]} is a spreadsheet; save it as CSV and pass that.")
        if tables:
            _required(tables[0], options)
    return found[0] if found else None


def _required(table: Table, options: FormOptions) -> Columns:
    columns = find_columns(table, options)
    if columns is not None and table.rows:
        return columns
    if not table.rows:
        raise ValueError(f"{table.name} has no rows: it needs one for each image.")
    lacking = "images" if table.find(IMAGE_COLUMNS) is None and not options.image_column else "labels"
    option = "--image-column" if lacking == "images" else "--label-column"
    raise ValueError(
        f"{table.name} has no column of {lacking} that is recognized ({', '.join(table.columns[:12])}); name it with "
        f"{option}."
    )
