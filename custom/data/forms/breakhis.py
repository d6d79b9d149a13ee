"""BreakHis: histology of breast tumors, in two or eight classes, by patient.

Spanhol, Oliveira, Petitjean, Heutte: A dataset for breast cancer histopathological image classification. IEEE
Transactions on Biomedical Engineering 63(7), 1455-1462 (2016). File names read
``SOB_<B or M>_<type>-<year>-<slide>-<magnification>-<number>.png``.
"""

from __future__ import annotations

import re

from custom.data.forms.recognized import FormOptions, Recognized
from custom.data.sample import Sample
from custom.data.sources import Sources

BINARY = {"B": "benign", "M": "malignant"}
TYPES = {
    "A": "adenosis",
    "F": "fibroadenoma",
    "PT": "phyllodes tumor",
    "TA": "tubular adenoma",
    "DC": "ductal carcinoma",
    "LC": "lobular carcinoma",
    "MC": "mucinous carcinoma",
    "PC": "papillary carcinoma",
}
_NAME = re.compile(r"SOB_(?P<kind>[BM])_(?P<type>[A-Z]+)-(?P<patient>\d+-[0-9A-Z]+)-(?P<magnification>\d+)-\d+\.\w+")


def is_breakhis(sources: Sources) -> bool:
    """Tell whether the images are named as those of BreakHis."""
    images = [file for file in sources.files if file.suffix == ".png"]
    return bool(images) and all(_NAME.fullmatch(file.name) for file in images)


def read_breakhis(sources: Sources, options: FormOptions) -> Recognized:
    """Read BreakHis from its file names; the folders do not count.

    Args:
        sources: the files.
        options: ``breakhis`` chooses the classes, ``magnification`` one of 40, 100, 200, 400.

    Returns:
        The samples, grouped by patient.

    Raises:
        ValueError: there is no image of the magnification.

    """
    names = TYPES if options.breakhis == "types" else BINARY
    result = Recognized(f"BreakHis, {len(names)} classes", list(names.values()), [], grouped_by="patient")
    found = set()
    for file in sources.files:
        match = _NAME.fullmatch(file.name)
        if match is None:
            result.left_out[file.short] = "it is not an image of BreakHis"
            continue
        found.add(int(match["magnification"]))
        if options.magnification not in (None, int(match["magnification"])):
            result.left_out[file.short] = f"its magnification is {match['magnification']}"
            continue
        label = list(names).index(match["type" if options.breakhis == "types" else "kind"])
        attributes = {"magnification": match["magnification"], "type": TYPES.get(match["type"], match["type"])}
        result.samples.append(Sample(file.stem, match["patient"], label, file, attributes=attributes))
    if not result.samples:
        raise ValueError(
            f"No image has the magnification {options.magnification}: there are {', '.join(map(str, sorted(found)))}."
        )
    present = sorted({sample.label for sample in result.samples})
    if len(present) < len(names):
        absent = ", ".join(name for index, name in enumerate(result.classes) if index not in present)
        raise ValueError(f"No image of {absent} found in BreakHis as it was passed.")
    if options.magnification is None and len(found) > 1:
        result.notes.append(
            f"All magnifications are used ({', '.join(map(str, sorted(found)))}): --magnification takes one."
        )
    return result
