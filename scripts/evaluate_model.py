r"""Evaluate any classifier: weights of a training, TorchScript, torch.export, torchvision weights, a MONAI bundle.

The classifier gets images with values in [0, 1] at the size given, and may ask for a normalization of its
own. The attacks are those of bundle/configs/evaluate.json. Weights that a training here left say themselves what
classes and which size they are for. Programs (TorchScript, .pt2, the folder of somebody's bundle) can run code when
they are loaded, and need --trust.

Examples:
    python scripts/evaluate_model.py bundle/runs/dpaat-small_resnet --data data/ham10000
    python scripts/evaluate_model.py model.ts --trust --classes MEL BKL NV --size 224 --data data/ham10000
    python scripts/evaluate_model.py model.pt2 --trust --classes MEL BKL NV --size 224 --data data/ham10000 \
        --mean 0.485 0.456 0.406 --std 0.229 0.224 0.225
    python scripts/evaluate_model.py resnet18.pth --architecture resnet18 --classes MEL BKL NV --size 224 \
        --data data/ham10000 --attacks fgsm pgd20
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors

CONFIGS = Path(__file__).resolve().parents[1] / "bundle" / "configs"


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a file, or the folder of a run or a MONAI bundle")
    parser.add_argument("--data", required=True, help="data set folder with a datalist.json")
    parser.add_argument("--split", default="test", help="split to evaluate (test)")
    parser.add_argument("--classes", nargs="+", help="names in the order of the model's outputs (those of its card)")
    parser.add_argument("--size", type=int, nargs="+", help="for each axis or for all (that of its card)")
    parser.add_argument("--architecture", help="torchvision's name or MONAI's path of a state dict's model")
    parser.add_argument("--mean", type=float, nargs="+", help="mean to subtract before the model")
    parser.add_argument("--std", type=float, nargs="+", help="standard deviation to divide by before the model")
    outputs = parser.add_mutually_exclusive_group()
    outputs.add_argument(
        "--probabilities", action="store_true", default=None, help="the model returns probabilities, not logits"
    )
    outputs.add_argument(
        "--logits", action="store_false", dest="probabilities", help="the model returns logits, whatever they look like"
    )
    parser.add_argument("--trust", action="store_true", help="load it even if that can run its author's code")
    parser.add_argument("--attacks", nargs="+", help="names of attacks (those that evaluate.json names)")
    parser.add_argument("--epsilon-l2", type=float, help="radius of the l2 attacks (0.3)")
    parser.add_argument("--epsilon-linf", type=float, help="radius of the l-infinity attacks (1/255)")
    parser.add_argument("--check-images", type=int, help="images for the checks, 0 for none (60)")
    parser.add_argument("--batch-size", type=int, default=32, help="images at a time (32)")
    parser.add_argument("--device", help="cpu, cuda or cuda:N (cuda if there is one)")
    parser.add_argument("--name", help="what to call the model in the report")
    parser.add_argument("--output", type=Path, help="folder for the results (MODEL's name + -evaluation)")
    options = parser.parse_args(arguments)
    evaluate(options)
    return 0


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """Load the classifier and evaluate it; returns the content of ``metrics.json``.

    Raises:
        FileNotFoundError: the classifier or the data are missing.
        ValueError: an option, the classifier or the data are not as they should be.
    """
    import torch
    from monai.bundle import ConfigParser

    from custom.cli import check_values
    from custom.cli.checks import check_device
    from custom.data import class_names, group_unit, load_datalist
    from custom.evaluation import Evaluation
    from custom.networks import load_classifier
    from custom.report import print_verdict, write_report

    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    check_values({"device": device, "batch_size": options.batch_size})
    check_device(device)
    names, size, spacing = classes_and_size(options)
    items = relabeled(load_datalist(options.data, options.split), class_names(options.data), names)
    config = ConfigParser()
    config.read_config([str(CONFIGS / name) for name in ("train.json", "evaluate.json")])
    config["class_names"], config["batch_size"], config["cache_rate"] = (
        names,
        options.batch_size,
        0.0,
    )
    config["validate#dataset#data"], config["datalist"] = items, str(options.data)
    config["image_size"], config["spacing"] = list(size), spacing
    for name in ("attacks", "epsilon_l2", "epsilon_linf", "check_images"):
        if getattr(options, name) is not None:
            config[name] = getattr(options, name)
    network = load_classifier(
        options.model,
        len(names),
        config.get_parsed_content("image_shape"),
        architecture=options.architecture,
        mean=options.mean,
        std=options.std,
        probabilities=options.probabilities,
        trust=options.trust,
    )
    metrics = Evaluation(
        network,
        config.get_parsed_content("validate#dataloader"),
        names,
        config.get_parsed_content("attack_table"),
        config.get_parsed_content("attacks"),
        output_folder(options),
        checks=config.get_parsed_content("checks"),
        curve=config.get_parsed_content("curve"),
        name=options.name or options.model.stem,
        data_name=f"{Path(options.data).resolve().name}, {options.split} split",
        checkpoint=options.model if options.model.is_file() else None,
        card=config.get_parsed_content("card"),
        unit=group_unit(options.data),
        device=device,
    ).run()
    write_report(output_folder(options))
    print_verdict(output_folder(options))
    return metrics


def classes_and_size(options: argparse.Namespace) -> tuple[list[str], tuple[int, ...], list[float] | None]:
    """The classes in the order of the outputs, and the images' size and spacing, from the options or the card.

    Raises:
        ValueError: if neither says, the two differ, or the size is none.
    """
    from custom.data import intensity_window, spatial_size
    from custom.networks import read_card

    card = None if options.architecture else read_card(options.model)
    if options.size is not None and (len(options.size) > 3 or min(options.size) < 1):
        raise ValueError(f"--size takes a number for each axis, or one for all, not {options.size}.")
    if card is not None:
        size = None if options.size is None else spatial_size(_one_or_all(options.size), card.spacing)
        card.check(
            str(options.model), class_names=options.classes, image_size=size, intensity=intensity_window(options.data)
        )
        return list(card.class_names), card.image_size, None if card.spacing is None else list(card.spacing)
    if options.classes is None or options.size is None:
        raise ValueError(f"{options.model} does not say what it is for; pass --classes and --size.")
    spacing = declared_spacing(options.data)
    return list(options.classes), spatial_size(_one_or_all(options.size), spacing), spacing


def declared_spacing(data: str) -> list[float] | None:
    """The spacing that a datalist declares for its volumes; ``None`` if it is one of images."""
    from custom.data import volume_spacing

    try:
        return volume_spacing(data)
    except ValueError:
        return None


def _one_or_all(sizes: Sequence[int]) -> int | Sequence[int]:
    return sizes[0] if len(sizes) == 1 else sizes


def output_folder(options: argparse.Namespace) -> Path:
    """Where the results go."""
    model: Path = options.model
    return options.output or model.resolve().with_name(f"{model.stem}-evaluation")


def relabeled(items: Sequence[dict[str, Any]], known: Sequence[str], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Number the labels as the model does.

    Args:
        items: of a datalist.
        known: the datalist's classes, in its order.
        wanted: the model's classes, in the order of its outputs.

    Raises:
        ValueError: the two do not name the same classes.
    """
    if sorted(known) != sorted(wanted):
        raise ValueError(
            f"The data have the classes {', '.join(known)}, and --classes names {', '.join(wanted)}; name "
            "the same ones in the order of the model's outputs."
        )
    return [{**item, "label": list(wanted).index(known[item["label"]])} for item in items]


if __name__ == "__main__":
    sys.exit(main())
