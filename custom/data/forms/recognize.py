"""What files are: the forms in which data sets come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from custom.data.find_files import printable
from custom.data.forms.breakhis import is_breakhis, read_breakhis
from custom.data.forms.class_folders import group_by_pattern, read_class_folders
from custom.data.forms.datalist import is_datalist, read_datalist
from custom.data.forms.ham10000 import read_ham10000
from custom.data.forms.labeled_table import read_labeled_table
from custom.data.forms.medmnist import is_medmnist, read_medmnist
from custom.data.forms.recognized import FormOptions, Recognized
from custom.data.forms.table_columns import find_table
from custom.data.sources import Sources

FORMS = (
    "folders of classes, folders of splits with folders of classes, a CSV or TSV of images and labels, a table with a "
    "column for each class, HAM10000, BreakHis, MedMNIST's .npz, a MONAI datalist, DICOM files with --label-attribute"
)


def recognize(paths: Sequence[Path], sources: Sources, options: FormOptions) -> Recognized:
    """Take files for one of the known forms, and read their labels.

    Args:
        paths: what was given: folders, archives, tables.
        sources: all files in them.
        options: what the user says about them.

    Returns:
        The samples and all problems.

    Raises:
        ValueError: it is not one of the forms, or a faulty one.

    """
    result = _read(paths, sources, options)
    if options.group_pattern:
        group_by_pattern(result, options.group_pattern)
    for entry in sources.skipped:
        name = printable(entry.path)
        if entry.refused:
            result.add_problem("paths that cannot be read", name, entry.reason)
        else:
            result.left_out[name] = entry.reason
    return result


def _read(paths: Sequence[Path], sources: Sources, options: FormOptions) -> Recognized:
    name = ", ".join(map(str, paths))
    if len(paths) == 1 and options.table is None:
        if is_medmnist(paths[0]):
            return read_medmnist(paths[0], options)
        if is_datalist(paths[0]):
            return read_datalist(paths[0])
    inner = [file for file in sources.files if file.suffix == ".npz" and file.member is None]
    if len(inner) == 1 and len(sources.files) == 1 and is_medmnist(inner[0].path):
        return read_medmnist(inner[0].path, options)
    named = options.table is not None and options.table.name.startswith("HAM10000_metadata")
    if named or any(file.name.startswith("HAM10000_metadata") for file in sources.files):
        return read_ham10000(sources, options)
    table = find_table(sources, options)
    if table is not None:
        return read_labeled_table(sources, *table, options)
    if is_breakhis(sources):
        return read_breakhis(sources, options)
    if options.label_attribute:
        from custom.data.forms.dicom_folder import read_dicom_folder  # here: photographs need no pydicom

        return read_dicom_folder(sources, options.label_attribute)
    if not sources.files and not sources.skipped:
        raise ValueError(f"{name} is empty. It can be: {FORMS}.")
    try:
        return read_class_folders(sources, name)
    except ValueError as error:
        from custom.data.forms.dicom_folder import is_dicom_folder

        if "at least two folders" in str(error) and is_dicom_folder(sources):
            raise ValueError(
                f"{name} holds DICOM files in no folders of classes; name the attribute that holds their labels with "
                "--label-attribute, or pass a table of images and labels."
            ) from None
        raise
