"""From files of any known form to a data set that can be trained on."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from custom.data.assign_splits import SplitOptions, assign_splits
from custom.data.check_images import ImageFacts, check_images
from custom.data.class_names import check_class_names
from custom.data.csv_cell import csv_cell
from custom.data.datalist import write_datalist
from custom.data.dataset_folder import new_dataset_folder
from custom.data.find_files import printable
from custom.data.forms import FormOptions, Recognized, recognize
from custom.data.image_format import VOLUME
from custom.data.intensity import choose_window
from custom.data.leaks import join_identical, separate_contradictions, separate_leaks
from custom.data.nuisances import find_nuisances
from custom.data.place import place_samples
from custom.data.read_image import UnreadableImageError
from custom.data.sample import Sample
from custom.data.sources import Sources
from custom.files import write_atomically

MAX_IMBALANCE = 20
"""Ratio of the largest to the smallest class from which a warning is given."""

_LISTED = 20
"""How many names of one kind are printed."""


@dataclass(frozen=True)
class PrepareOptions:
    """What a data set is to be made of, and how.

    Args:
        paths: folders, archives, tables.
        output: the data set folder to be made.
        form: what the user says about the files.
        split: how the splits are made.
        masks: folders or archives of lesion masks, if they are not among ``paths``.
        window: values that become 0 and 1; by default chosen from the images' bits.
        skip_bad: leave out what has a problem instead of stopping.
        overwrite: replace a data set that is in the output.

    """

    paths: Sequence[Path]
    output: Path
    form: FormOptions = field(default_factory=FormOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    masks: Sequence[Path] = ()
    window: tuple[float, float] | None = None
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
            raise ValueError(f"{options.output} holds images to be read: pass another folder as the output.")
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
        details = {**found.facts, "split_by": options.split.by, "seed": options.split.seed, "form": found.form}
        if intensity:
            details["intensity"] = intensity
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


def say(sentence: str) -> None:
    """Print a sentence in characters that the terminal can hold."""
    print(printable(sentence), flush=True)


def read_all(sources: Sources, found: Recognized) -> dict[str, ImageFacts]:
    """Read every image and mask; take what cannot be read out of the samples.

    Args:
        sources: the files.
        found: gets the problems, and for DICOM files without groups the patients as groups.

    Returns:
        What is known of each image, by its id.

    """
    _make_ids_unique(found)
    facts: dict[str, ImageFacts] = {}
    kept: list[Sample] = []
    for sample, outcome in zip(found.samples, check_images(sources, [s.image for s in found.samples]), strict=True):
        if isinstance(outcome, UnreadableImageError):
            found.problems["images that cannot be read"].append(f"{sample.image_id} ({outcome})")
        else:
            facts[sample.image_id] = outcome
            kept.append(sample)
    if found.grouped_by is None and any(fact.patient for fact in facts.values()):
        found.grouped_by = "DICOM's PatientID"
        kept = [replace(sample, lesion_id=facts[sample.image_id].patient or sample.lesion_id) for sample in kept]
    found.samples = _check_masks(sources, found, kept, facts)
    kinds = Counter(facts[sample.image_id].bits for sample in kept)
    volumes = {sample.image_id for sample in kept if facts[sample.image_id].format == VOLUME}
    if 0 < len(volumes) < len(kept):
        names = volumes if len(volumes) * 2 < len(kept) else {s.image_id for s in kept} - volumes
        _take_out(found, names, "files of the other kind: a data set takes images or volumes, not both")
    elif len(kinds) > 1:
        most = kinds.most_common(1)[0][0]
        odd = {s.image_id for s in kept if facts[s.image_id].bits != most}
        _take_out(found, odd, f"images that have not {most} bits a sample as the others")
    return facts


def compare_files(found: Recognized, facts: dict[str, ImageFacts]) -> list[str]:
    """Look for identical files, leaks and properties that give a class away.

    Args:
        found: gets the problems; its groups are joined if they share a file.
        facts: what is known of the images.

    Returns:
        Warnings.

    """
    hashes = {name: fact.sha256 for name, fact in facts.items()}
    found.samples, contradictions = separate_contradictions(found.samples, hashes, found.classes)
    if contradictions:
        found.problems["identical files with different labels"] += contradictions
    found.samples, identical = join_identical(found.samples, hashes)
    found.samples, leaks = separate_leaks(found.samples)
    if leaks:
        found.problems["groups or identical files in more than one split"] += leaks
    remarks = []
    if identical:
        remarks.append(
            f"stored more than once as identical files, which no split separates ({len(identical)}): "
            f"{_listed(identical)}."
        )
    flat = [s.image_id for s in found.samples if facts[s.image_id].low == facts[s.image_id].high]
    if flat:
        remarks.append(f"{_counted(len(flat), 'image')} with one value throughout: {_listed(flat)}.")
    used = [facts[sample.image_id] for sample in found.samples]
    remarks += find_nuisances(used, [sample.label for sample in found.samples], found.classes)
    formats = Counter(fact.format for fact in used)
    if len(formats) > 1:
        found.notes.append(f"Formats: {', '.join(f'{count} {name}' for name, count in formats.most_common())}.")
    return remarks


def report_problems(found: Recognized, skip: bool) -> None:
    """Print every problem with its names; stop unless they are to be skipped.

    Raises:
        ValueError: there are problems and ``skip`` is false.

    """
    problems = {kind: names for kind, names in found.problems.items() if names}
    for kind, names in problems.items():
        print(printable(f"{'left out: ' if skip else ''}{len(names)} {kind}: {', '.join(names)}"), file=sys.stderr)
    if problems and not skip:
        raise ValueError(
            "The data have the problems listed above, and nothing was written: --skip-bad leaves them out."
        )


def report_left_out(found: Recognized) -> None:
    """Print how many files were not used, with their reasons and the first names of each."""
    for reason, count in Counter(found.left_out.values()).items():
        names = [name for name, why in found.left_out.items() if why == reason]
        say(f"{_counted(count, 'path')} left out ({reason}): {_listed(names)}.")


def write_left_out(folder: Path, found: Recognized) -> None:
    """Write ``left_out.csv`` with everything that is not in the data set, if there is anything."""
    problems = [(name, kind) for kind, names in found.problems.items() for name in names]
    rows = [*found.left_out.items(), *problems]
    if not rows:
        return
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["path", "reason"])
    writer.writerows([csv_cell(printable(name)), reason] for name, reason in rows)
    write_atomically(folder / "left_out.csv", table.getvalue().encode())


def report_splits(found: Recognized, splits: dict[str, list[Sample]]) -> None:
    """Print the counts of each split."""
    for name, samples in splits.items():
        counts = Counter(sample.label for sample in samples)
        counted = ", ".join(f"{label} {counts[index]}" for index, label in enumerate(found.classes))
        masks = sum(sample.mask is not None for sample in samples)
        with_masks = f", {masks} with a mask" if masks else ""
        say(f"{name:>10}: {counted}, of {len({s.lesion_id for s in samples})} groups{with_masks}")


def choose_intensity(
    found: Recognized, facts: dict[str, ImageFacts], given: tuple[float, float] | None
) -> dict[str, object] | None:
    """Choose the intensity window from all images; volumes have none."""
    used = [facts[sample.image_id] for sample in found.samples]
    if used[0].format == VOLUME:
        return None
    low, high = min(fact.low for fact in used), max(fact.high for fact in used)
    window, sentence = choose_window(used[0].bits, low, high, given)
    found.notes.append(sentence)
    if (min(high, window.high) - max(low, window.low)) < 0.1 * (window.high - window.low):
        found.notes.append("These values use less than a tenth of the window: the images will look flat.")
    return window.as_dict()


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
        raise ValueError(f"There is no usable image of {', '.join(absent)}: leave it out with --classes.")


def _make_ids_unique(found: Recognized) -> None:
    """Several folders or archives can hold files of one relative path."""
    seen: Counter[str] = Counter()
    samples = []
    for sample in found.samples:
        seen[sample.image_id] += 1
        if seen[sample.image_id] > 1:
            name = f"{sample.image_id} ({seen[sample.image_id]})"
            own = sample.lesion_id == sample.image_id
            sample = replace(sample, image_id=name, lesion_id=name if own else sample.lesion_id)
        samples.append(sample)
    found.samples = samples


def _check_masks(
    sources: Sources, found: Recognized, samples: list[Sample], facts: dict[str, ImageFacts]
) -> list[Sample]:
    """Keep the masks that can be read and are as large as their images."""
    masks = [sample.mask for sample in samples if sample.mask is not None]
    outcomes = iter(check_images(sources, masks, "checking masks") if masks else [])
    checked = []
    for sample in samples:
        outcome = next(outcomes) if sample.mask is not None else None
        if isinstance(outcome, UnreadableImageError):
            found.problems["masks that cannot be read"].append(f"{sample.image_id} ({outcome})")
            sample = replace(sample, mask=None)
        elif outcome is not None and outcome.size != facts[sample.image_id].size:
            found.problems["masks of another size than their image"].append(sample.image_id)
            sample = replace(sample, mask=None)
        checked.append(sample)
    return checked


def _take_out(found: Recognized, names: set[str], kind: str) -> None:
    found.problems[kind] += sorted(names)
    found.samples = [sample for sample in found.samples if sample.image_id not in names]


def _warn_of_imbalance(found: Recognized) -> list[str]:
    counts = Counter(sample.label for sample in found.samples)
    (most, largest), (least, smallest) = counts.most_common()[0], counts.most_common()[-1]
    if largest <= MAX_IMBALANCE * smallest:
        return []
    return [
        f"{found.classes[most]} has {largest} images and {found.classes[least]} {smallest}, more than {MAX_IMBALANCE} "
        "times as many: train with balanced sampling or class weights, and read balanced accuracy."
    ]


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"
