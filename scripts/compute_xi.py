"""Find AMAT's xi: the mean loss of a network trained by STD on the attacked training images.

The number goes to a training by AMAT as `--xi NUMBER`. Run it from the folder in which the STD training ran.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from monai.bundle import ConfigParser
from monai.data import DataLoader
from tqdm import tqdm

from custom.evaluation import load_checkpoint
from custom.radius import mean_attacked_loss


def main(arguments: list[str] | None = None) -> int:
    """Print xi on standard output; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="output folder of a finished STD training")
    folder: Path = parser.parse_args(arguments).run
    try:
        print(f"{xi_of_run(folder):.4f}")
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def xi_of_run(folder: Path) -> float:
    """Attack the training images, as the run's config has them, on the run's best weights."""
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"There is no config.json in {folder}: give the output folder of a training.")
    config = ConfigParser(json.loads((folder / "config.json").read_text()))
    if config["method"] != "std":
        raise ValueError(f"{folder} was trained by {config['method']}, but xi is of a network trained by std.")
    # The images as they are, without augmentation; and no weights that would be overwritten anyway.
    config.update({"train#preprocessing#transforms": "@train#deterministic_transforms", "weights": None})
    network = load_checkpoint(config.get_parsed_content("network"), folder / "model.pt")
    loader = DataLoader(config.get_parsed_content("train#dataset"), batch_size=config["batch_size"])
    bar = tqdm(loader, desc="attacking the training images", unit="batch", disable=not sys.stderr.isatty())
    return mean_attacked_loss(network, config.get_parsed_content("attack"), bar, config.get_parsed_content("device"))


if __name__ == "__main__":
    sys.exit(main())
