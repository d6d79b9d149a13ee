"""What a bundle says of itself in ``metadata.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.runs import Run


def bundle_metadata(
    template: Mapping[str, Any],
    run: Run,
    *,
    version: str,
    changes: str,
    previous: Mapping[str, str] | None = None,
    title: str | None = None,
    authors: str | None = None,
) -> dict[str, Any]:
    """Fill the repository's metadata with what is true of a trained network.

    Args:
        template: the repository's ``metadata.json``, whose other entries stay.
        run: the training, with its evaluation if there is one.
        version: the bundle's version.
        changes: what is new in it.
        previous: the changelog of earlier versions.
        title: the name that people read.
        authors: who made the bundle.

    Returns:
        The content of ``metadata.json``. ``robustness`` has the attack of the training and, by name, the accuracy under
        each attack of the evaluation.

    Raises:
        ValueError: when the version is in the earlier changelog.
    """
    if version in (previous or {}):
        raise ValueError(f"Version {version} is already in the changelog; pass a new one with --version.")
    names, method = run.class_names, str(run.value("method"))
    depth, *size = run.image_shape
    channels = {str(index): name for index, name in enumerate(names)}
    data_format = template["network_data_format"]
    image = data_format["inputs"]["image"] | {"spatial_shape": size}
    if run.spacing is not None:
        image |= {"format": "magnitude", "modality": "n/a", "num_channels": depth, "channel_def": {"0": "image"}}
    output = data_format["outputs"]["pred"] | {
        "num_channels": len(names),
        "spatial_shape": [1, len(names)],
        "channel_def": channels,
    }
    facts = run.datalist or {}
    numbered = ", ".join(f"{index} {name}" for index, name in channels.items())
    adversarial = f"by the method {method!r} to withstand small perturbations of the image"
    training = "without adversarial examples" if method == "std" else adversarial
    metadata = {
        **template,
        "version": version,
        "changelog": {version: changes, **(previous or {})},
        "description": f"{run.backbone} for {len(names)} classes ({', '.join(names)}) at {'x'.join(map(str, size))} "
        f"{'pixels' if run.spacing is None else 'voxels'}, trained "
        f"{training}.",
        "data_source": ", ".join(str(facts[key]) for key in ("name", "reference") if key in facts) or "unknown",
        "label_classes": numbered,
        "pred_classes": f"logits, {numbered}; their softmax gives probabilities",
        "eval_metrics": _accuracies(run),
        "robustness": {**run.attack, "method": method, **({"accuracy": _accuracies(run)} if run.evaluation else {})},
        "network_data_format": {"inputs": {"image": image}, "outputs": {"pred": output}},
    }
    return metadata | {key: value for key, value in (("name", title), ("authors", authors)) if value}


def _accuracies(run: Run) -> dict[str, float]:
    """Accuracy on clean test images and under each attack of the evaluation, in [0, 1]."""
    if run.evaluation is None:
        return {}
    results = {"clean": run.evaluation["clean"], **run.evaluation["attacks"]}
    return {name: round(result["images"]["accuracy"]["value"], 4) for name, result in results.items()}
