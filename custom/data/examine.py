"""Reading all images of a data set, and comparing them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from custom.counts import counted, listed
from custom.data.check_images import ImageFacts, check_images
from custom.data.decoded_image import UnreadableImageError
from custom.data.forms import Recognized
from custom.data.leaks import join_identical, separate_contradictions, separate_leaks
from custom.data.nuisances import find_nuisances
from custom.data.preparation_report import LISTED
from custom.data.sample import Sample
from custom.data.sources import Sources


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
            found.add_problem("images that cannot be read", sample.image_id, str(outcome))
        else:
            facts[sample.image_id] = outcome
            kept.append(sample)
    if found.grouped_by is None and any(fact.patient for fact in facts.values()):
        found.grouped_by = "DICOM's PatientID"
        kept = [replace(sample, lesion_id=facts[sample.image_id].patient or sample.lesion_id) for sample in kept]
    found.samples = _check_masks(sources, found, kept, facts)
    kinds = Counter(facts[sample.image_id].bits for sample in kept)
    volumes = {sample.image_id for sample in kept if facts[sample.image_id].is_volume}
    if 0 < len(volumes) < len(kept):
        names = volumes if len(volumes) * 2 < len(kept) else {s.image_id for s in kept} - volumes
        _take_out(found, names, "files of the other kind: a data set takes images or volumes, not both")
    elif len(kinds) > 1:
        most = kinds.most_common(1)[0][0]
        odd = {s.image_id for s in kept if facts[s.image_id].bits != most}
        _take_out(found, odd, f"images without the {most} bits per sample of the others")
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
            f"{listed(identical, LISTED)}."
        )
    used = [facts[sample.image_id] for sample in found.samples]
    flat = [s.image_id for s, f in zip(found.samples, used, strict=True) if f.constant or f.low == f.high]
    if flat:
        remarks.append(f"{counted(len(flat), 'image')} with one value throughout: {listed(flat, LISTED)}.")
    remarks += find_nuisances(used, [sample.label for sample in found.samples], found.classes)
    formats = Counter(fact.format for fact in used)
    if len(formats) > 1:
        found.notes.append(f"Formats: {', '.join(f'{count} {name}' for name, count in formats.most_common())}.")
    return remarks


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
            found.add_problem("masks that cannot be read", sample.image_id, str(outcome))
            sample = replace(sample, mask=None)
        elif outcome is not None and outcome.size != facts[sample.image_id].size:
            found.add_problem("masks of another size than their image", sample.image_id)
            sample = replace(sample, mask=None)
        checked.append(sample)
    return checked


def _take_out(found: Recognized, names: set[str], kind: str) -> None:
    for name in sorted(names):
        found.add_problem(kind, name)
    found.samples = [sample for sample in found.samples if sample.image_id not in names]
