"""From files of any known form to a data set that can be trained on."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from custom.data.assign_splits import SplitOptions, assign_splits
from custom.data.check_images import ImageFacts
from custom.data.check_items import MAX_IMBALANCE
from custom.data.class_names import check_class_names
from custom.data.dataset_folder import new_dataset_folder
from custom.data.examine import compare_files, read_all
from custom.data.find_files import printable
from custom.data.forms import FormOptions, Recognized, recognize
from custom.data.intensity import choose_window
from custom.data.place import place_samples
from custom.data.preparation_report import report_left_out, report_problems, report_splits, say, write_left_out
from custom.data.sample import Sample
from custom.data.sources import Sources
from custom.data.write_datalist import write_datalist


@dataclass(frozen=True)
class PrepareOptions:
    """What a data set is to be made of, and how.

    Args:
        paths: folders, archives, tables.
        output: the new data set folder.
        form: what the user says about the files.
        split: how the splits are made.
        masks: folders or archives of lesion masks, if they are not among ``paths``.
        window: values that become 0 and 1; by default chosen from the images' bits.
        slices: take each slice of a DICOM series for an image of its own.
        skip_bad: leave out what has a problem instead of stopping.
        overwrite: replace a data set that is in the output.

    """

    paths: Sequence[Path]
    output: Path
    form: FormOptions = field(default_factory=FormOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    masks: Sequence[Path] = ()
    window: tuple[float, float] | None = None
    slices: bool = False
    skip_bad: bool = False
    overwrite: bool = False


def prepare(options: PrepareOptions) -> None:
    """Make a data set and print what was done.

    Args:
        options: what is to be done.

    Raises:
        OSError: a file or the output cannot be read or written, in one sentence.
        ValueError: the files are no data set, or have problems, which are printed by name before; nothing is written.

    """
    # The folder is opened first, so that an output that cannot be written is known before decoding.
    with (
        new_dataset_folder(options.output, options.overwrite) as folder,
        Sources([*options.paths, *options.masks]) as sources,
    ):
        if any(file.path.is_relative_to(options.output.resolve()) for file in sources.files):
            raise ValueError(f"{options.output} holds images to be read; pass another folder as the output.")
        if not options.slices:
            _join_slices(sources)
        found = recognize(options.paths, sources, replace(options.form, folder=folder))
        say(f"Taken for {found.form}.")
        _choose_classes(found, options.form.classes)
        found.classes = check_class_names(found.classes, ", ".join(map(str, options.paths)))
        if not found.samples:
            report_problems(found, skip=False)
            raise ValueError(f"{', '.join(map(str, options.paths))} has no image that can be used.")
        facts = read_all(sources, found)
        remarks = compare_files(found, facts)
        report_problems(found, options.skip_bad)
        if not options.form.empty_classes:
            _require_every_class(found)
        intensity = choose_intensity(found, facts, options.window)
        splits, how = assign_splits(found.samples, found.classes, options.split)
        require_space(sources, splits, folder)
        items = place_samples(sources, splits, folder)
        details = {
            **found.facts,
            "split_by": options.split.by,
            "seed": options.split.seed,
            "form": found.form,
            "intensity": intensity,
        }
        if found.grouped_by:
            details["grouped_by"] = found.grouped_by
        spacing = choose_spacing(found, facts)
        if spacing:
            details["spacing"] = spacing
        name = options.paths[0].resolve().stem if found.form != "HAM10000" else "HAM10000"
        descriptions = {label: found.descriptions.get(label, "") for label in found.classes}
        write_datalist(folder, printable(name), descriptions, items, **details)
        write_left_out(folder, found)
    for note in found.notes:
        say(note)
    report_left_out(found)
    report_splits(found, splits)
    for remark in [*remarks, *_warn_of_imbalance(found)]:
        print(f"warning: {printable(remark)}", file=sys.stderr)
    grouped = f"; groups: {found.grouped_by}" if found.grouped_by else "; every image is a group of its own"
    say(f"{how}{grouped}. The data set is in {options.output}.")


def _join_slices(sources: Sources) -> None:
    """Let the folder of each DICOM series stand for the slices in it."""
    if any(sources.is_dicom(file) for file in sources.files):
        from custom.data.dicom_series import join_series  # here: whoever has no DICOM files needs no pydicom

        number = join_series(sources)
        if number:
            say(f"Folders of a DICOM series, each one volume: {number} (--slices takes their slices for images).")


def choose_intensity(
    found: Recognized, facts: dict[str, ImageFacts], given: tuple[float, float] | None
) -> dict[str, object]:
    """Choose the intensity window from all images."""
    used = [facts[sample.image_id] for sample in found.samples]
    low, high = min(fact.low for fact in used), max(fact.high for fact in used)
    if given is None and found.window is not None:
        given = (found.window.low, found.window.high)
    window, sentence = choose_window(used[0].bits, low, high, given)
    found.notes.append(sentence)
    if (min(high, window.high) - max(low, window.low)) < 0.1 * (window.high - window.low):
        found.notes.append("These values use less than a tenth of the window: the images will look flat.")
    return window.as_dict()


def choose_spacing(found: Recognized, facts: dict[str, ImageFacts]) -> list[float] | None:
    """Take the median spacing of volumes along each axis, to which all of them are resampled; images have none."""
    spacings = [facts[sample.image_id].spacing for sample in found.samples if facts[sample.image_id].is_volume]
    if not spacings:
        return None
    median = [round(float(edge), 4) for edge in np.median(spacings, axis=0)]
    smallest, largest = (" x ".join(f"{edge:.3g}" for edge in f(spacings, axis=0)) for f in (np.min, np.max))
    found.notes.append(
        f"Volumes with voxels from {smallest} to {largest} mm: all are resampled to "
        f"{' x '.join(f'{edge:.3g}' for edge in median)} mm, the median."
    )
    return median


def require_space(sources: Sources, splits: dict[str, list[Sample]], folder: Path) -> None:
    """Make sure that what is unpacked fits on the disk.

    Raises:
        OSError: it does not.

    """
    files = [file for samples in splits.values() for s in samples for file in (s.image, s.mask) if file and file.member]
    needed = sum(sources.signature(file)[0] for file in files)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(
            f"Unpacking takes {needed / 2**20:.0f} MiB, and {free / 2**20:.0f} MiB are free at {folder.parent}."
        )


def _choose_classes(found: Recognized, wanted: Sequence[str] | None) -> None:
    """Keep the wanted classes, in the wanted order."""
    if not wanted or list(wanted) == ["all"]:
        return
    known = {name.casefold(): index for index, name in enumerate(found.classes)}
    unknown = [name for name in wanted if name.casefold() not in known]
    if unknown or len({name.casefold() for name in wanted}) < max(2, len(wanted)):
        raise ValueError(f"--classes takes 'all' or at least two different ones of {', '.join(found.classes)}.")
    new = {known[name.casefold()]: index for index, name in enumerate(wanted)}
    for sample in found.samples:
        if sample.label not in new:
            found.left_out[sample.image.short] = f"its class is {found.classes[sample.label]}"
    found.samples = [replace(s, label=new[s.label]) for s in found.samples if s.label in new]
    found.classes = [found.classes[known[name.casefold()]] for name in wanted]


def _require_every_class(found: Recognized) -> None:
    present = {sample.label for sample in found.samples}
    absent = [name for index, name in enumerate(found.classes) if index not in present]
    if absent:
        raise ValueError(f"No usable image of {', '.join(absent)} found; leave it out with --classes.")


def _warn_of_imbalance(found: Recognized) -> list[str]:
    counts = Counter(sample.label for sample in found.samples)
    (most, largest), (least, smallest) = counts.most_common()[0], counts.most_common()[-1]
    if largest <= MAX_IMBALANCE * smallest:
        return []
    return [
        f"{found.classes[most]} has {largest} images and {found.classes[least]} {smallest}, more than {MAX_IMBALANCE} "
        "times as many; train with balanced sampling or class weights, and read balanced accuracy."
    ]
