"""Train one network at several sites that keep their images, and compare it with what each could do alone.

The training and validation images of a prepared data set are shared out over the sites, no lesion at two of them. Then
train, from the same weights and for the same number of epochs: the sites together by federated averaging (FedAvg), each
site alone, and, as if the images could be brought together, all images pooled. All networks are evaluated on the test
images, clean and attacked; the table goes to OUTPUT/comparison.md and .json.

With `--with nvflare` the sites' training runs in NVIDIA FLARE's simulator (pip install -r requirements-federated.txt),
otherwise in this process; the job folder that FLARE needs is written in both cases.

Example:
    python scripts/federated.py --dataset_dir data/synthetic --output federated --rounds 4

"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors, require_packages

if TYPE_CHECKING:
    from monai.fl.client import MonaiAlgo
    from torch import Tensor

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = [str(ROOT / "bundle" / "configs" / name) for name in ("train.json", "quickstart.json")]
ATTACK = "pgd20"
FLARE = "NVIDIA FLARE is not installed; run `python -m pip install -r requirements-federated.txt`."
EVALUATION = {"attacks": ["clean", ATTACK], "check_images": 0, "record": False}
"""What the evaluation of each network measures."""


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset_dir", type=Path, required=True, help="a prepared data set")
    parser.add_argument("--output", type=Path, required=True, help="new folder for everything")
    parser.add_argument("--sites", nargs="+", default=["site-1", "site-2"], help="names (site-1 site-2)")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of averaging (4)")
    parser.add_argument("--local_epochs", type=int, default=1, help="epochs of each site in a round (1)")
    parser.add_argument("--with", dest="engine", choices=["averaging", "nvflare"], default="averaging")
    parser.add_argument(
        "--config_file", nargs="+", default=CONFIGS, help="configs to merge (train.json and quickstart.json)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the split into sites (0)")
    options = parser.parse_args(arguments)
    if options.engine == "nvflare":
        require_packages("monai_nvflare", otherwise=FLARE)
    from custom.data import class_names, intensity_window
    from custom.federated import federated_averaging, split_into_sites, write_job, write_site_bundle
    from custom.handlers.checkpoint import save_atomically
    from custom.networks import read_checkpoint

    output: Path = options.output.resolve()
    classes = class_names(options.dataset_dir)
    parts = split_into_sites(options.dataset_dir, options.sites, options.seed)
    pooled = {split: [item for part in parts.values() for item in part[split]] for split in ("training", "validation")}
    window = intensity_window(options.dataset_dir)
    check_settings(output, options)
    bundles = {
        name: write_site_bundle(output / "bundles" / name, options.config_file, classes, splits, intensity=window)
        for name, splits in {**parts, "pooled": pooled}.items()
    }
    sites = {name: bundles[name] for name in options.sites}
    start = initial_weights(bundles["pooled"])
    save_atomically(start, output / "models" / "start.pt")
    job = write_job(output / "job", sites, output / "models" / "start.pt", options.rounds, options.local_epochs)

    def train(name: str, *folders: Path) -> dict[str, Tensor]:
        path = model_path(output, name)
        if path.is_file():
            print(f"{name}: trained before, {path}", flush=True)
            return read_checkpoint(path).weights
        if name == "federated" and options.engine == "nvflare":
            weights = simulate(job, output / "simulation", options.sites)
        else:
            algos = [site(folder, options.local_epochs) for folder in folders]
            weights = federated_averaging(algos, start, options.rounds, lambda number: report(name, number))
        save_atomically({"network": weights}, path)
        return weights

    def report(name: str, number: int) -> None:
        print(f"{name}: round {number} of {options.rounds} finished", flush=True)

    trained = {
        "federated": train("federated", *sites.values()),
        **{f"{name} alone": train(f"{name} alone", folder) for name, folder in sites.items()},
        "pooled": train("pooled", bundles["pooled"]),
    }
    everything = len(pooled["training"])
    images = {f"{name} alone": len(part["training"]) for name, part in parts.items()}
    rows = {
        name: {
            "images": images.get(name, everything),
            **evaluate(name, bundles["pooled"], options.dataset_dir, output),
        }
        for name in trained
    }
    table = as_table(rows)
    (output / "comparison.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (output / "comparison.md").write_text(table, encoding="utf-8")
    print(table)
    print(f"The comparison is in {output / 'comparison.md'}, the networks are in {output / 'models'}.")
    return 0


def check_settings(output: Path, options: argparse.Namespace) -> None:
    """Make sure that networks in the output were trained with the settings at hand, and note those of a new one.

    Raises:
        ValueError: if they were trained with others.
    """
    from custom.files import write_atomically
    from custom.files.read_json import read_json

    given = {name: str(value) for name, value in vars(options).items() if name != "output"}
    path = output / "settings.json"
    resumed = path.is_file()
    before = read_json(path, "pass another --output") if resumed else given
    changed = [name for name in given if before.get(name) != given[name]]
    if changed:
        name = changed[0]
        raise ValueError(
            f"{output} was started with --{name} {before.get(name)} and cannot resume with {given[name]}; pass the "
            "same settings, or another --output."
        )
    if resumed:
        # Made again from the same settings; what is worth keeping are the networks.
        for name in ("bundles", "job"):
            shutil.rmtree(output / name, ignore_errors=True)
    write_atomically(path, json.dumps(given, indent=1).encode())


def model_path(output: Path, name: str) -> Path:
    """The file of a trained network."""
    return output / "models" / f"{name.replace(' ', '-')}.pt"


def initial_weights(bundle: Path) -> dict[str, Tensor]:
    """The network of a bundle before any training."""
    from monai.bundle import ConfigParser
    from monai.utils import set_determinism

    config = ConfigParser()
    config.read_config(bundle / "configs" / "train.json")
    set_determinism(config["seed"])
    return dict(config.get_parsed_content("network_def").state_dict())


def site(bundle: Path, local_epochs: int) -> MonaiAlgo:
    """A site that is ready to train, in this process."""
    from monai.fl.client import MonaiAlgo
    from monai.fl.utils.constants import ExtraItems

    algo = MonaiAlgo(str(bundle), local_epochs=local_epochs, config_evaluate_filename="configs/train.json")
    algo.initialize(extra={ExtraItems.CLIENT_NAME: bundle.name})
    return algo


def simulate(job: Path, workspace: Path, sites: Sequence[str]) -> dict[str, Tensor]:
    """Run a job in NVIDIA FLARE's simulator and give the weights of its server."""
    import torch

    command = [sys.executable, "-m", "nvflare.cli", "simulator", str(job), "-w", str(workspace)]
    command += ["-c", ",".join(sites), "-t", str(len(sites))]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False)
    found = sorted(workspace.rglob("FL_global_model.pt"))
    if ended.returncode or not found:
        raise OSError(f"NVIDIA FLARE's simulator ended without a network; see the logs in {workspace}.")
    saved = torch.load(found[-1], map_location="cpu", weights_only=True)["model"]
    return {name: torch.as_tensor(value) for name, value in saved.items()}


def evaluate(name: str, bundle: Path, dataset_dir: Path, output: Path) -> dict[str, dict[str, float]]:
    """Accuracy on the test images with its interval, clean and attacked, by the config for evaluation."""
    from monai.bundle import ConfigParser

    from custom.files.read_json import read_json

    path = model_path(output, name)
    config = ConfigParser()
    config.read_config([str(bundle / "configs" / file) for file in ("train.json", "evaluate.json")])
    config.update(
        {
            "dataset_dir": str(dataset_dir.resolve()),
            "checkpoint": str(path),
            "output_dir": str(output / "evaluations" / path.stem),
            "model_name": name,
            **EVALUATION,
        }
    )
    config.get_parsed_content("evaluating")
    summary = read_json(output / "evaluations" / path.stem / "metrics.json")
    found = {"clean": summary["clean"], ATTACK: summary["attacks"][ATTACK]}
    return {attack: metrics["images"]["accuracy"] for attack, metrics in found.items()}


def as_table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The rows in Markdown, accuracies in %."""
    from custom.markdown import markdown_table
    from custom.report.verdict import percent

    table = markdown_table(
        ["trained", "training images", "clean", ATTACK],
        [
            [name, row["images"], *(percent(row[attack], unit="") for attack in ("clean", ATTACK))]
            for name, row in rows.items()
        ],
    )
    return f"{table}\n"


if __name__ == "__main__":
    sys.exit(main())
