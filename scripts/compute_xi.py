"""Find AMAT's xi: the mean loss of a network trained by STD on the attacked training images.

The number goes to a training by AMAT as `--xi NUMBER`. Run it from the folder in which the STD training ran.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from monai.data import DataLoader
from tqdm import tqdm

from custom.bundle import readable_errors
from custom.networks import load_weights
from custom.radius import mean_attacked_loss
from custom.runs import MODEL_NAME, read_config


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Print xi on standard output; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="output folder of a finished STD training")
    print(f"{xi_of_run(parser.parse_args(arguments).run):.4f}")
    return 0


def xi_of_run(folder: Path) -> float:
    """Attack the training images, as the run's config has them, on the run's best weights."""
    config = read_config(folder)
    if config["method"] != "std":
        raise ValueError(f"{folder} was trained by {config['method']}, but xi is of a network trained by std.")
    # The images as they are, without augmentation; and no weights that would be overwritten anyway.
    config.update({"train#preprocessing#transforms": "@train#deterministic_transforms", "weights": None})
    network = load_weights(config.get_parsed_content("network"), folder / MODEL_NAME)
    loader = DataLoader(config.get_parsed_content("train#dataset"), batch_size=config["batch_size"])
    bar = tqdm(loader, desc="attacking the training images", unit="batch", disable=not sys.stderr.isatty())
    return mean_attacked_loss(network, config.get_parsed_content("attack"), bar, config.get_parsed_content("device"))


if __name__ == "__main__":
    sys.exit(main())
