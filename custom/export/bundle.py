"""A self-contained bundle of a trained network, as a folder and as a zip archive."""

from __future__ import annotations

import io
import json
import re
import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from monai.bundle import ConfigParser

from custom.export.configs import network_of, write_configs
from custom.export.documents import bundle_readme, data_license
from custom.export.large_files import write_large_files
from custom.export.metadata import bundle_metadata
from custom.files import Partial, move_together
from custom.files.config_data import config_data
from custom.files.read_json import read_json
from custom.networks import NetworkCard, check_network, load_weights, weights_sha256
from custom.networks.checkpoint import CARD_SUFFIX
from custom.runs import Run

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("make_synthetic.py", "prepare.py", "export_model.py")
"""Commands that the bundle's users need as well: to make data sets, and for other formats."""


@dataclass(frozen=True)
class ExportedBundle:
    """What was written.

    Attributes:
        folder: the bundle.
        archive: the same as a zip archive.
        large_files: paths in the bundle of files that the Model Zoo wants elsewhere.
    """

    folder: Path
    archive: Path
    large_files: list[str]


def export_bundle(
    run: Run,
    name: str,
    output: Path,
    *,
    version: str = "0.1.0",
    changes: str = "first version",
    previous: Path | None = None,
    title: str | None = None,
    authors: str | None = None,
    url: str | None = None,
    without_evaluation: bool = False,
) -> ExportedBundle:
    """Write ``output/name`` and ``output/name_vVERSION.zip``, both or neither.

    Args:
        run: the training.
        name: the bundle's name: letters, digits and ``_``.
        output: the folder of bundles; made if missing.
        version: the bundle's version.
        changes: what is new in it.
        previous: folder of the bundle's last version, whose changelog is continued.
        title: the name that people read; by default that of the repository's metadata.
        authors: who made the bundle, likewise.
        url: where large files will be.
        without_evaluation: whether to export weights that were not evaluated.

    Raises:
        ValueError: when the name is none, or these weights were not evaluated.
        FileExistsError: if the folder or the archive exists already.
        OSError: when something cannot be written.
    """
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise ValueError(f"--name {name!r} should be of letters, digits and _, as in skin_lesion_classification.")
    if run.evaluation is None and not without_evaluation:
        raise ValueError(
            f"{run.checkpoint} has no evaluation of these weights beside it, in {run.checkpoint.parent / 'evaluation'}"
            f"; evaluate it first, or pass --without-evaluation."
        )
    folder, archive = output / name, output / f"{name}_v{version}.zip"
    for path in (folder, archive):
        if path.exists():
            raise FileExistsError(f"{path} already exists; pass another --output, or move it away.")
    earlier = _changelog(previous) if previous else None
    template = read_json(ROOT / "bundle" / "configs" / "metadata.json")
    metadata = bundle_metadata(
        template, run, version=version, changes=changes, previous=earlier, title=title, authors=authors
    )
    output.mkdir(parents=True, exist_ok=True)
    with closing(Partial(folder, folder=True)) as partial:
        made = partial.path / name
        write_configs(ROOT / "bundle" / "configs", made / "configs", run, name)
        (made / "configs" / "metadata.json").write_text(
            json.dumps(config_data(metadata), indent=4) + "\n", encoding="utf-8"
        )
        _write_weights(made, run)
        _copy_code(made)
        (made / "docs").mkdir()
        configs = sorted(path.name for path in (made / "configs").iterdir())
        (made / "docs" / "README.md").write_text(bundle_readme(run, metadata, name, configs), encoding="utf-8")
        (made / "docs" / "data_license.txt").write_text(data_license(run), encoding="utf-8")
        large = write_large_files(made, url)
        packed = Path(shutil.make_archive(str(partial.path / "packed"), "zip", partial.path, name))
        move_together([(packed, archive), (made, folder)])
    return ExportedBundle(folder, archive, large)


def _changelog(bundle: Path) -> dict[str, str]:
    path = bundle / "configs" / "metadata.json"
    if not path.is_file():
        raise FileNotFoundError(f"No {path} found; pass the folder of the bundle's last version.")
    return dict(read_json(path, "pass the folder of the bundle's last version")["changelog"])


def _write_weights(bundle: Path, run: Run) -> None:
    """Write the plain state dict, once the network that the bundle's configs define has taken all of it, and its card.

    Tools want the state dict by itself, so that the card lies beside it.
    """
    parser = ConfigParser()
    parser.read_config(bundle / "configs" / "inference.json")
    network = load_weights(parser.get_parsed_content("network_def"), run.checkpoint)
    shape = parser.get_parsed_content("image_shape")
    check_network(network, shape, len(run.class_names), source=f"The network of {run.checkpoint}")
    (bundle / "models").mkdir()
    # A full disk ends torch.save to a file with a signal.
    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    (bundle / "models" / "model.pt").write_bytes(buffer.getvalue())
    card = run.card or NetworkCard(
        tuple(run.class_names),
        shape[1:],
        shape[0],
        run.intensity,
        None if run.spacing is None else tuple(run.spacing),
        network_of(run),
        threads=None,
        versions={},
    )
    content = replace(card, weights_sha256=weights_sha256(network.state_dict())).to_dict()
    text = json.dumps(content, indent=1) + "\n"
    (bundle / "models" / "model.pt").with_suffix(CARD_SUFFIX).write_text(text, encoding="utf-8")


def _copy_code(bundle: Path) -> None:
    """Copy the package, the license and the commands that the bundle's users need."""
    # The explorer is a page of the repository's, and needs Gradio.
    ignored = shutil.ignore_patterns("__pycache__", ".*", "explorer")
    shutil.copytree(ROOT / "custom", bundle / "custom", ignore=ignored)
    shutil.copy(ROOT / "LICENSE", bundle)
    (bundle / "scripts").mkdir()
    for script in SCRIPTS:
        shutil.copy(ROOT / "scripts" / script, bundle / "scripts")
