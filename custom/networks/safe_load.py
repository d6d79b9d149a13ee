"""Reading files of ``torch.save`` that may be damaged, malicious or something else altogether."""

from __future__ import annotations

import codecs
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

# What a NumPy scalar needs to be unpickled: best accuracies in checkpoints are often of this type.
_NUMPY_SCALARS: list[Any] = [
    np._core.multiarray.scalar,  # type: ignore[attr-defined]
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),  # type: ignore[attr-defined]  # as NumPy 1 named it
    np.dtype,
    *{type(np.dtype(code)) for code in np.typecodes["All"] if code not in "OVMm"},
    codecs.encode,
]
_LEGACY = b"\x80\x02\x8a\n"
"""Beginning of a file as PyTorch wrote it before 1.6: a pickled number."""
_OTHER_FILES = (
    (rb"\s*<", "an HTML or XML page: the download needs another address or a login"),
    (rb"version https://git-lfs", "a Git LFS pointer; run `git lfs pull` to get the weights themselves"),
    (rb"\x89HDF", "an HDF5 file, not one of torch.save"),
)


def load_safely(path: str | Path) -> Any:
    """Read a file of ``torch.save`` without running code from it, and verify the archive's checksums.

    ``torch.load`` does not check them, so that a flipped byte would go unnoticed.

    Args:
        path: the file; tensors, plain Python types and NumPy scalars are read, onto the CPU.

    Returns:
        What was saved.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it holds anything else, or is damaged; in one sentence.

    Example::

        >>> import tempfile, torch
        >>> from pathlib import Path
        >>> from custom.networks import load_safely
        >>> file = Path(tempfile.mkdtemp()) / "state.pt"
        >>> torch.save({"epoch": 3}, file)
        >>> load_safely(file)
        {'epoch': 3}

    """
    path = Path(path)
    if not path.is_file():
        what = "is a folder, not a file of weights" if path.is_dir() else "does not exist"
        raise FileNotFoundError(f"The checkpoint {path} {what}; pass the path of a trained network's weights.")
    _check_kind(path)
    try:
        with torch.serialization.safe_globals(_NUMPY_SCALARS), warnings.catch_warnings():
            # PyTorch warns of unusual pickles in words for developers; what they hold is refused below.
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged bytes can raise anything, from struct.error to MemoryError
        raise ValueError(_reason(path, error)) from error


def _check_kind(path: Path) -> None:
    """Refuse what is not a file of ``torch.save``, or no longer the one that was written."""
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise ValueError(f"{path} is empty (0 bytes): the download or copy has failed.")
    for pattern, what in _OTHER_FILES:
        if re.match(pattern, head):
            raise ValueError(f"{path} is {what}.")
    if not zipfile.is_zipfile(path):
        if head.startswith(b"PK"):
            raise ValueError(f"{path} is damaged: its end is missing, as after an interrupted download or copy.")
        return
    try:
        with zipfile.ZipFile(path) as archive:
            problem = _problem_of(archive)
    except Exception as error:  # damaged bytes can raise anything, from BadZipFile to struct.error
        raise ValueError(f"{path} is damaged: {error}.") from error
    if problem:
        raise ValueError(f"{path} is {problem}.")


def _problem_of(archive: zipfile.ZipFile) -> str | None:
    """Say what is wrong with an archive; ``None`` if ``torch.save`` wrote it, and every checksum matches."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if kind := program_kind(names):
        return f"a program ({kind}), not a file of weights"
    if not any(name.endswith("data.pkl") for name in names):
        return "a zip archive, but not one of torch.save"
    # torch.save stores its members as they are; compressed ones could unpack to any size.
    if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
        return "a compressed or encrypted archive, which torch.save does not write"
    damaged = archive.testzip()
    return f"damaged: the checksum of its part {damaged!r} does not match" if damaged is not None else None


def program_kind(names: list[str]) -> str | None:
    """Tell what kind of program an archive is by the names of its members; ``None`` if it is none.

    Args:
        names: as ``ZipFile.namelist`` returns them.
    """
    if any("/code/" in name for name in names):
        return "TorchScript"
    if any(name.endswith((".json", "archive_format")) for name in names):
        return "torch.export"
    return None


def _reason(path: Path, error: Exception) -> str:
    """Say why a file could not be read."""
    try:
        foreign = torch.serialization.get_unsafe_globals_in_checkpoint(str(path))
    except Exception:  # as above
        foreign = re.findall(r"GLOBAL ([\w.]+)", str(error))
    allowed = {"numpy.dtype", "numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar", "_codecs.encode"}
    foreign = [name for name in foreign if name not in allowed]
    if foreign:
        layers = any(name.startswith("torch.nn.modules.") for name in foreign)
        what = "is a whole pickled model" if layers else f"holds Python objects ({foreign[0]})"
        return f"{path} {what}, and loading it could run code; save the network's state_dict() by itself."
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(b"\x80") and head[2:] != _LEGACY[2:]:
        return f"{path} is a pickle that torch.save did not write, and loading it could run code."
    return f"{path} cannot be read as a file of torch.save: is it damaged?"
