"""Draw README's figure: an attack on a standard and on a robust classifier, and their accuracy against epsilon.

    python -m custom demo
    python docs/images/standard_and_robust.py bundle/demo/standard bundle/demo/robust

Any two evaluated runs will do that saw the same test images. Each network is attacked by its own strongest l2 attack of
the evaluation's headline radius. Of the test images that both classify correctly, and the attacked standard one alone
does not, the one that both are most certain of is drawn.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from custom.attacks import StrongAttack
from custom.cli import readable_errors
from custom.metrics import read_metrics
from custom.networks import load_weights
from custom.report.figures import amplification
from custom.report.style import COLORS, RIGHT, STYLE, WRONG
from custom.runs import Run

ROOT = Path(__file__).resolve().parents[2]
EVALUATION = ROOT / "bundle" / "configs" / "evaluate.json"


@readable_errors
def main() -> int:
    """Draw the figure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs=2, type=Path, metavar="RUN", help="folders of the standard and the robust run")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="(beside this script)")
    options = parser.parse_args()
    runs = [Run.read(folder, overrides=[EVALUATION]) for folder in options.runs]
    metrics = [read_metrics(folder) for folder in options.runs]
    draw(runs, metrics).savefig(options.output, dpi=150, metadata={"Software": None})
    print(f"The figure is {options.output}.")
    return 0


@matplotlib.rc_context(STYLE)
def draw(runs: list[Run], metrics: list[dict[str, Any]]) -> Figure:
    """The whole figure."""
    names = ["standard training", "robust training"]
    networks = [trained(run) for run in runs]
    curves = [next(curve for curve in found["curves"] if curve["norm"] == "l2") for found in metrics]
    epsilon = next(ball["epsilon"] for ball in metrics[0]["robust_accuracy"] if ball["norm"] == "l2")
    images, labels = test_images(runs[0])
    chosen, attacked = choose(networks, images, labels, StrongAttack(epsilon=epsilon))
    image, label = images[chosen], int(labels[chosen])

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.35, 1))
    axes = left.subplots(2, 3)
    factor = amplification(np.stack([(image_adv - image).numpy() for image_adv in attacked]))
    for row, (network, image_adv, name) in enumerate(zip(networks, attacked, names, strict=True)):
        show(axes[row, 0], image, prediction(network, image, runs[row].class_names), label, name)
        show(axes[row, 1], 0.5 + factor * (image_adv - image), None, label, f"perturbation x {factor:g}")
        show(axes[row, 2], image_adv, prediction(network, image_adv, runs[row].class_names), label, "attacked")
    axis = right.subplots()
    for curve, name, color in zip(curves, names, (COLORS[1], COLORS[0]), strict=True):
        points = curve["points"]
        radii, values = ([point[key] for point in points] for key in ("epsilon", "value"))
        axis.plot(radii, [100 * value for value in values], marker="o", markersize=4, color=color, label=name)
        ends = ([100 * point[key] for point in points] for key in ("low", "high"))
        axis.fill_between(radii, *ends, color=color, alpha=0.13, linewidth=0)
    axis.axhline(100 * metrics[0]["baselines"]["chance"], color="gray", linestyle=":", label="chance")
    axis.axvline(epsilon, color="gray", linewidth=0.8)
    axis.annotate(f" epsilon {epsilon:g}", (epsilon, 96), fontsize=8, color="gray")
    axis.set(xlabel="epsilon (ℓ2, pixels from 0 to 1)", ylabel="accuracy in %", ylim=(0, 100))
    axis.set_title(f"Accuracy on {curves[0]['images']} test images under a strong attack")
    axis.grid(alpha=0.25)
    axis.legend(frameon=False)
    return figure


def trained(run: Run) -> nn.Module:
    """The network of a run with its weights, in evaluation mode."""
    run.parser["device"] = "cpu"
    network: nn.Module = load_weights(run.value("network"), run.checkpoint)
    return network.eval()


def test_images(run: Run) -> tuple[Tensor, Tensor]:
    """All test images as the network sees them, and their labels."""
    batches = list(run.value("validate#dataloader"))
    return torch.cat([batch["image"] for batch in batches]), torch.cat([batch["label"] for batch in batches])


def choose(networks: list[nn.Module], images: Tensor, labels: Tensor, attack: StrongAttack) -> tuple[int, list[Tensor]]:
    """The image that shows the difference best, and its adversarial example for each network.

    Raises:
        ValueError: if no image does.
    """
    adversarial = [attack(network, images, labels) for network in networks]
    clean_right = [correct(network, images, labels) for network in networks]
    withstood = [correct(network, found, labels) for network, found in zip(networks, adversarial, strict=True)]
    shown = clean_right[0] & clean_right[1] & ~withstood[0] & withstood[1]
    if not shown.any():
        raise ValueError("No test image is lost to the attack by the first run alone; train the second one longer.")
    certainty = certainties(networks[0], images, labels) + certainties(networks[1], adversarial[1], labels)
    chosen = int(certainty.where(shown, 0).argmax())
    return chosen, [found[chosen] for found in adversarial]


@torch.no_grad()
def certainties(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """The probabilities of the true classes."""
    return network(images).softmax(1).gather(1, labels[:, None])[:, 0]


@torch.no_grad()
def correct(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Which images are classified correctly."""
    return torch.as_tensor(network(images).argmax(1) == labels)


@torch.no_grad()
def prediction(network: nn.Module, image: Tensor, class_names: list[str]) -> tuple[int, str]:
    """The predicted class, and the text that says it."""
    probabilities = network(image[None]).softmax(1)[0]
    found = int(probabilities.argmax())
    return found, f"{class_names[found]} {probabilities[found]:.0%}"


def show(axis: Axes, image: Tensor, predicted: tuple[int, str] | None, label: int, title: str) -> None:
    """Draw an image with its title, and with the prediction in green if it is right, in red if it is wrong."""
    axis.imshow(image.permute(1, 2, 0).clamp(0, 1).numpy(), interpolation="nearest")
    axis.set_xticks([])
    axis.set_yticks([])
    for side in axis.spines.values():
        side.set_visible(False)
    axis.set_title(title, fontsize=9)
    if predicted:
        axis.set_xlabel(predicted[1], color=RIGHT if predicted[0] == label else WRONG, fontsize=10, weight="bold")


if __name__ == "__main__":
    sys.exit(main())
