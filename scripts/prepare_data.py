"""Turn whatever a folder of images is into a data set to train on, and print where that is.

A prepared data set (with a datalist.json) stays as it is. HAM10000 as it is downloaded, folders or zip
archives, is split by lesion into the largest balanced data set. Anything else goes to prepare_folder.py:
class folders, or a table of images and labels. What was prepared before from the same files is used again.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import itertools
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.data.sources import Sources


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the folder with the images")
    parser.add_argument("--into", type=Path, required=True, help="where prepared data sets are kept")
    options = parser.parse_args(arguments)
    source: Path = options.source.resolve()
    if not source.exists():
        print(f"{parser.prog}: {options.source} does not exist: give a folder with images.", file=sys.stderr)
        return 1
    if (source / "datalist.json").is_file():
        print(source)
        return 0
    target, note = choose_target(source, options.into)
    known = describe(source)
    if not (note.is_file() and json.loads(note.read_text(encoding="utf-8")) == known):
        print(f"Preparing {source} in {target}.", file=sys.stderr)
        # The scripts say on stdout what they did; here stdout is for the one line that the caller wants.
        with contextlib.redirect_stdout(sys.stderr):
            code = prepare(source, target)
        if code:
            return code
        note.write_text(json.dumps(known), encoding="utf-8")
    print(target)
    return 0


def choose_target(source: Path, into: Path) -> tuple[Path, Path]:
    """Choose the folder for what is prepared from a source, and the file that notes from what.

    Args:
        source: the folder with the images.
        into: the folder of all prepared data sets.

    Returns:
        The first of ``name``, ``name-2``, ... that is free or was prepared from this source, and its note.
    """
    for number in itertools.count(1):
        target = into / (source.name if number == 1 else f"{source.name}-{number}")
        note = into / f".{target.name}.source.json"
        if not target.exists():
            note.unlink(missing_ok=True)
            break
        if note.is_file() and json.loads(note.read_text(encoding="utf-8"))["source"] == str(source):
            break
    return target, note


def describe(source: Path) -> dict[str, Any]:
    """Describe a folder so that a file that was added, removed or changed shows."""
    status = [path.stat() for path in source.rglob("*") if path.is_file()]
    return {
        "source": str(source),
        "files": len(status),
        "bytes": sum(item.st_size for item in status),
        "newest": max((item.st_mtime for item in status), default=0.0),
    }


def prepare(source: Path, target: Path) -> int:
    """Prepare a folder with the script for what is in it, and return that script's exit code."""
    arguments = ["--output", str(target), *(["--overwrite"] if target.exists() else [])]
    with Sources([source]) as sources:
        ham10000 = any(file.name.startswith("HAM10000_metadata") for file in sources.files)
    if ham10000:
        script = importlib.import_module("prepare_ham10000")
        return script.main(["--images", str(source), "--fit", *arguments])
    script = importlib.import_module("prepare_folder")
    return script.main(["--images", str(source), *arguments])


if __name__ == "__main__":
    sys.exit(main())
