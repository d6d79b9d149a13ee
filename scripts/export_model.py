r"""Export a trained network as TorchScript, torch.export (.pt2) and ONNX, for batches of any size.

Each is compared with the network before it is kept. The weights are those of a training, or those of the bundle that
this script is part of. `--quantize int8` adds an ONNX file in int8, and a small JSON file with its accuracy beside that
of float32, on clean test images and on adversarial images of the
network.

Examples:
    python scripts/export_model.py bundle/runs/dpaat-small_resnet
    python scripts/export_model.py bundle/runs/dpaat-small_resnet --formats onnx --quantize int8 --data data/synthetic

"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import quiet_readers, readable_errors, require_packages
from custom.cli.options import trust_option

if TYPE_CHECKING:
    import torch
    from monai.bundle import ConfigParser
    from monai.data import DataLoader

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT if (ROOT / "configs").is_dir() else ROOT / "bundle"
FORMAT_NAMES = ("torchscript", "pt2", "onnx")
CALIBRATION_IMAGES = 128
ONNX = "ONNX needs the packages onnx, onnxscript and onnxruntime; install them, or pass --formats."


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?", metavar="RUN", help="folder of a training")
    parser.add_argument("--checkpoint", type=Path, help="weights in such a folder (those of the bundle of this script)")
    parser.add_argument("--formats", nargs="+", choices=FORMAT_NAMES, default=list(FORMAT_NAMES), help="which (all)")
    parser.add_argument("--quantize", choices=["int8"], help="write the ONNX file in int8, too; needs --data")
    parser.add_argument("--data", type=Path, help="data set folder with a datalist.json")
    parser.add_argument("--output", type=Path, help="folder for the files (that of the weights)")
    trust_option(parser)
    options = parser.parse_args(arguments)
    if options.quantize and (options.data is None or "onnx" not in options.formats):
        raise ValueError("--quantize needs the format onnx, and --data with images to find ranges and accuracies on.")
    if "onnx" in options.formats:
        require_packages("onnx", "onnxscript", "onnxruntime", otherwise=ONNX)
    if options.run is not None and options.checkpoint is not None:
        raise ValueError("Pass the folder of a training, or --checkpoint with weights in it, not both.")
    from monai.bundle import ConfigParser

    from custom.export.formats import FORMATS, export_network
    from custom.runs import MODEL_NAME

    checkpoint = options.run / MODEL_NAME if options.run else options.checkpoint or BUNDLE / "models" / "model.pt"
    quiet_readers()
    config = ConfigParser()
    config.read_config(BUNDLE / "configs" / "inference.json")
    config.update({"bundle_root": str(BUNDLE), "checkpoint": str(checkpoint), "device": "cpu", "trust": options.trust})
    network = config.get_parsed_content("network").eval()
    output = options.output or checkpoint.parent
    output.mkdir(parents=True, exist_ok=True)
    for name in options.formats:
        path = output / f"model{FORMATS[name][0]}"
        difference = export_network(network, example_images(config, options.data), name, path)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, logits within {difference:.1g} of the network's.")
    if options.quantize:
        quantize_and_compare(config, options.data, output)
    return 0


def example_images(config: ConfigParser, data: Path | None) -> torch.Tensor:
    """Some test images, or noise if there are no data; shape (8 or fewer, C, *spatial)."""
    import torch

    if data is None:
        shape = config.get_parsed_content("image_shape")
        return torch.rand(8, *shape, generator=torch.Generator().manual_seed(0))
    images: torch.Tensor = next(iter(images_of(config, data, "test", 8)))["image"]
    return images


def images_of(config: ConfigParser, data: Path, split: str, batch_size: int, most: int | None = None) -> DataLoader:
    """The images of a split as the network wants them, with their labels; at most so many, spread evenly over all."""
    from monai.data import DataLoader, Dataset

    from custom.data import load_datalist

    items = load_datalist(data, split, classes=config.get_parsed_content("class_names"))
    items = items[:: -(-len(items) // most)] if most else items
    return DataLoader(Dataset(items, config.get_parsed_content("preprocessing")), batch_size=batch_size)


def quantize_and_compare(config: ConfigParser, data: Path, output: Path) -> None:
    """Write the ONNX file in int8, and beside it what that costs."""
    from tqdm import tqdm

    from custom.evaluation import describe_attack
    from custom.export.onnx_network import OnnxNetwork
    from custom.export.quantization import accuracies, quantize
    from custom.files import write_atomically

    full, small = output / "model.onnx", output / "model_int8.onnx"
    batch_size = config.get_parsed_content("batch_size")
    calibration = images_of(config, data, "validation", batch_size, CALIBRATION_IMAGES)
    quantize(full, small, (batch["image"] for batch in calibration))
    attack = config.get_parsed_content("attack")
    test = images_of(config, data, "test", batch_size)
    found = accuracies(
        {"fp32": OnnxNetwork(full), "int8": OnnxNetwork(small)},
        config.get_parsed_content("network"),
        attack,
        tqdm(test, "attacking", unit="batch", disable=None),
    )
    report: dict[str, Any] = {
        "data": f"{data.resolve().name}, test split",
        "images": len(test.dataset),  # type: ignore[arg-type]
        "calibration_images": len(calibration.dataset),  # type: ignore[arg-type]
        "attack": describe_attack(attack),
        "attacked_network": "the network in float32",
        "bytes": {"fp32": full.stat().st_size, "int8": small.stat().st_size},
        "accuracy": found,
    }
    write_atomically(output / "model_int8.json", json.dumps(report, indent=1).encode() + b"\n")
    for name, path in (("fp32", full), ("int8", small)):
        size, values = path.stat().st_size / 1e6, found[name]
        print(f"{name}: {size:.1f} MB, accuracy {values['clean']:.1%} clean, {values['attacked']:.1%} attacked.")
    print(f"{small}, with these figures in {output / 'model_int8.json'}.")


if __name__ == "__main__":
    sys.exit(main())
