"""Compute AMAT's xi from a network trained by STD: the loss below which an image counts as easy.

Pass the number to a training by AMAT as `--xi NUMBER`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors
from custom.cli.options import trust_option


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Print xi on standard output; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="folder of a finished training by std")
    parser.add_argument(
        "--losses",
        choices=["clean", "attacked"],
        default="clean",
        help="clean: robust upper end of the losses on clean validation images (default); attacked: mean loss on "
        "the attacked training images",
    )
    trust_option(parser)
    options = parser.parse_args(arguments)
    print(f"{xi_of_run(options.run, options.losses, options.trust):.4f}")
    return 0


def xi_of_run(folder: Path, losses: str = "clean", trust: bool = False) -> float:
    """Compute xi with the weights of a run, on the images that its config names, without augmentation."""
    from monai.data import DataLoader
    from tqdm import tqdm

    from custom.networks import load_weights
    from custom.radius import image_losses, robust_upper_end
    from custom.runs import Run

    run = Run.read(folder, trust=trust)
    if run.method != "std":
        raise ValueError(f"{folder} was trained by {run.method}, but xi belongs to a network trained by std.")
    split, config = ("validate" if losses == "clean" else "train"), run.parser
    # No weights to start from, which would be overwritten anyway.
    config.update({"train#preprocessing#transforms": "@train#deterministic_transforms", "weights": None})
    network = load_weights(config.get_parsed_content("network"), run.checkpoint)
    loader = DataLoader(config.get_parsed_content(f"{split}#dataset"), batch_size=config["batch_size"])
    bar = tqdm(loader, desc=f"losses on {losses} images", unit="batch", disable=not sys.stderr.isatty())
    device = config.get_parsed_content("device")
    if losses == "clean":
        return robust_upper_end(image_losses(network, bar, device))
    return float(image_losses(network, bar, device, config.get_parsed_content("attack")).mean())


if __name__ == "__main__":
    sys.exit(main())
