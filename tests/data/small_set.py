"""A prepared data set of two classes in a folder, with four images a split."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image


def write_small_set(folder: Path, draw: Callable[[int], Image.Image], lesion: str = "{name}") -> Path:
    """Write the images and their datalist.

    Args:
        folder: where to.
        draw: makes the image of a number, each another one.
        lesion: the lesion of an image, with its ``name``, ``split`` and ``number``.
    """
    content: dict[str, Any] = {"labels": {"0": "a", "1": "b"}}
    for seed, split in enumerate(("training", "validation", "test")):
        content[split] = []
        for number in range(4):
            name = f"{split}{number}.png"
            draw(10 * seed + number).save(folder / name)
            group = lesion.format(name=name, split=split, number=number)
            content[split].append({"image": name, "label": number % 2, "lesion_id": group})
    (folder / "datalist.json").write_text(json.dumps(content))
    return folder


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edit the datalist in a folder."""
    path = folder / "datalist.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
