"""Tables of images and labels: one column of labels, or a column for each class."""

from __future__ import annotations

from collections.abc import Mapping

from custom.data.class_names import sort_class_names
from custom.data.forms.image_index import ImageIndex
from custom.data.forms.recognized import FormOptions, Problem, Recognized
from custom.data.forms.table_columns import Columns
from custom.data.sample import Sample
from custom.data.sources import SourceFile, Sources
from custom.data.split_names import split_of
from custom.data.table import Table, normalized

_NIH_COLUMN = "findinglabels"
"""NIH's chest X-rays have several findings in one cell; in other tables a bar may be a part of a name."""

_NIH_SPLITS = {"train_val_list.txt": "training", "test_list.txt": "test"}
"""Lists of image names that come with NIH's chest X-rays."""


def read_labeled_table(
    sources: Sources, file: SourceFile, table: Table, columns: Columns, options: FormOptions
) -> Recognized:
    """Match a table's rows with images.

    Args:
        sources: the files.
        file: the table's file.
        table: the table.
        columns: its columns.
        options: what the user says; ``classes`` for their order.

    Returns:
        The samples, in the order of the rows. An empty cell of the group makes an image a group of its own.

    Raises:
        ValueError: there are fewer than two classes, or the split column holds something else.

    """
    kind = "a table with a column for each class" if columns.one_hot else "a table of images and labels"
    result = Recognized(f"{kind} ({file.short})", [], [])
    splits = _splits(table, columns, result)
    labels = [_label(row, columns) for row in table.rows]
    ignored = {columns.image, columns.label, columns.group, columns.split, columns.mask, *columns.one_hot}
    kept = [column for column in table.columns if column not in ignored]
    classes = {label for label in labels if label and not _has_several(label, columns)}
    if columns.one_hot:
        result.classes = [name for name in columns.one_hot if name in classes or options.empty_classes]
    else:
        result.classes = sort_class_names(classes)
    if len(result.classes) < 2:
        raise ValueError(f"{table.name} needs at least two different labels; it has {len(result.classes)}.")
    index = ImageIndex(sources, file)
    listed = _listed_splits(sources, columns, result)
    seen: dict[SourceFile, str] = {}
    for number, (row, label) in enumerate(zip(table.rows, labels, strict=True), 2):
        name = row[columns.image]
        if not name or label is None:
            row_number = f"row {number}"
            problem = Problem(f"{row_number} {name}".strip(), (name or row_number,), row_number)
            result.problems["rows without an image or one label"].append(problem)
            continue
        if _has_several(label, columns):
            result.left_out[name] = f"it has several labels ({label})"
            continue
        image = index.find(name)
        if isinstance(image, str):
            result.add_problem("images of the table that cannot be found", name, image)
            continue
        if image in seen:
            labels_given = "" if seen[image] == label else f"as {seen[image]} and {label}"
            result.add_problem("images that are in the table twice", name, labels_given)
            continue
        seen[image] = label
        group = (row[columns.group] if columns.group else "") or image.short
        mask = index.find(row[columns.mask]) if columns.mask and row[columns.mask] else None
        if isinstance(mask, str):
            result.add_problem("masks of the table that cannot be found", row[columns.mask or ""], mask)
            mask = None
        split = splits.get(number) or listed.get(image.name)
        extra = {column: row[column] for column in kept}
        result.samples.append(Sample(image.short, group, result.classes.index(label), image, mask, split, extra))
    _describe(result, columns)
    return result


def _label(row: Mapping[str, str], columns: Columns) -> str | None:
    if columns.label:
        return row[columns.label] or None
    chosen = [name for name in columns.one_hot if float(row[name]) == 1]
    return chosen[0] if len(chosen) == 1 else None


def _has_several(label: str, columns: Columns) -> bool:
    return columns.label is not None and normalized(columns.label) == _NIH_COLUMN and "|" in label


def _splits(table: Table, columns: Columns, result: Recognized) -> dict[int, str]:
    """The split of each row by its number, from the column of splits."""
    if columns.split is None:
        return {}
    cells = {number: row[columns.split] for number, row in enumerate(table.rows, 2)}
    unknown = sorted({cell for cell in cells.values() if split_of(cell) is None})
    if unknown:
        raise ValueError(
            f"{table.name}: the column {columns.split!r} holds {unknown[0]!r}, which names no split; it must hold "
            "train, validation or test, or have another name."
        )
    result.notes.append(f"The splits are those of the column {columns.split!r}.")
    return {number: split for number, cell in cells.items() if (split := split_of(cell))}


def _listed_splits(sources: Sources, columns: Columns, result: Recognized) -> dict[str, str]:
    """The splits of NIH's chest X-rays by the images' names."""
    if columns.split or columns.label is None or normalized(columns.label) != _NIH_COLUMN:
        return {}
    lists = {_NIH_SPLITS[file.name]: file for file in sources.files if file.name in _NIH_SPLITS}
    if set(lists) != {"training", "test"}:
        return {}
    result.notes.append("The splits are those of train_val_list.txt and test_list.txt.")
    return {
        name: split for split, file in lists.items() for name in sources.read(file).decode("utf-8", "replace").split()
    }


def _describe(result: Recognized, columns: Columns) -> None:
    labels = (
        f"the labels are in {columns.label!r}" if columns.label else f"the classes are {', '.join(columns.one_hot)}"
    )
    result.notes.insert(0, f"The images are in the column {columns.image!r}, {labels}.")
    if columns.group:
        result.grouped_by = f"the column {columns.group!r}"
