"""Explain an evaluator's images by Grad-CAM, clean and attacked, and measure the explanations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedEvaluator
from torch import Tensor

from custom.attacks import Attack
from custom.explain import Method, TargetLayer, find_target_layer, grad_cam
from custom.explain.measures import measure_explanation
from custom.explain.results import ExplanationRecord, ExplanationWriter, summarize_explanations
from custom.explain.results.folder import without_nan

ExplainedClass = Literal["true", "predicted"]


class GradCAMHandler:
    """Explain each image that a stock ``SupervisedEvaluator`` runs, and write maps and measures.

    The evaluator has ``decollate=False``; its batches hold ``image``, ``label`` and ``image_id`` and, if known,
    ``image_adv`` (from :class:`custom.handlers.AdversarialExamples`), ``lesion_id``, ``mask`` and, of volumes, their
    ``affine``, with which they and their maps are saved. A mask that is 0
    throughout counts as none. When the epoch ends, ``output_dir`` appears as a whole:

    - ``explanations.json`` and ``measures.csv``: the measures with intervals; the former also image by image;
    - ``maps``: the maps, ``.npy`` and ``.png`` of images, ``.nii.gz`` of volumes; attacked ones end in ``_attacked``;
    - ``images`` and ``masks``: what belongs to the maps, as the network saw it, so that they can be shown;
    - whatever ``render`` draws of these.

    The mean measures are put into ``engine.state.metrics`` as ``explanation_...``, for MLflow's handler, the whole
    summary into ``engine.state.explanations``, and the content of ``grid.png``, if ``render`` draws one, into
    ``engine.state.explanation_grid``. The network stays as it was, see :func:`custom.explain.grad_cam`.

    Args:
        output_dir: the folder to be made; earlier explanations there are replaced.
        class_names: names of the classes in the order of the logits.
        method: ``"grad_cam"`` or ``"grad_cam_pp"``.
        target_layer: the layer whose feature map is weighted; ``None`` for the last one.
        explained_class: ``"true"`` explains the true class of each image, clean and attacked, so that both
            maps show evidence for the same class; ``"predicted"`` the class predicted on each.
        correct_only: whether to explain only images whose clean prediction is correct.
        faithfulness_steps: portions of the deletion and insertion curves, each a forward pass; 0 for no
            curves.
        resamples: bootstrap resamples of lesions for the intervals.
        seed: of the bootstrap.
        attack: the attack that makes ``image_adv``, to be named in the results.
        render: called with the finished folder before it is put in its place, see
            :func:`custom.report.explanations.render_explanations`.

    Raises:
        ValueError: if ``explained_class`` is neither, or ``output_dir`` holds other files than explanations.

    Example::

        >>> from custom.explain.handler import GradCAMHandler
        >>> handler = GradCAMHandler("explanations", ["MEL", "BKL", "NV"])
        >>> handler.attach(evaluator)  # doctest: +SKIP

    """

    def __init__(
        self,
        output_dir: str | Path,
        class_names: Sequence[str],
        method: Method = "grad_cam",
        target_layer: str | None = None,
        explained_class: ExplainedClass = "true",
        correct_only: bool = True,
        faithfulness_steps: int = 20,
        resamples: int = 1000,
        seed: int = 0,
        attack: Attack | None = None,
        render: Callable[[Path], object] | None = None,
    ) -> None:
        if explained_class not in get_args(ExplainedClass):
            raise ValueError(f"explained_class must be 'true' or 'predicted', not {explained_class!r}.")
        self.writer = ExplanationWriter(output_dir)
        self.class_names = list(class_names)
        self.method, self.layer_name, self.explained_class = method, target_layer, explained_class
        self.correct_only, self.faithfulness_steps = correct_only, faithfulness_steps
        self.resamples, self.seed, self.attack, self.render = resamples, seed, attack, render
        self._reset()

    def _reset(self) -> None:
        self.records: list[ExplanationRecord] = []
        self.target_layer: TargetLayer | None = None
        self._image_shape: list[int] = []

    def attach(self, engine: SupervisedEvaluator) -> None:
        """Register the handler.

        Args:
            engine: the evaluator.

        """
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.explain_batch)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.finish)

    def start(self, _: Engine) -> None:
        """Forget earlier images and make room for new ones."""
        self._reset()
        self.writer.open()

    def explain_batch(self, engine: SupervisedEvaluator) -> None:
        """Explain the images of the batch that was just run.

        Args:
            engine: the evaluator.

        """
        batch, output, network = engine.state.batch, engine.state.output, engine.network
        affine = batch.get("affine")
        images, labels = _plain(output["image"]), _plain(output["label"]).flatten()
        correct = self._predict(engine, images) == labels
        chosen = (correct if self.correct_only else torch.ones_like(correct)).nonzero().flatten()
        if not len(chosen):
            return
        if self.target_layer is None:
            self.target_layer = find_target_layer(network, images, self.layer_name)
            self._image_shape = list(images.shape[2:])
        views = {"": images[chosen]}
        if "image_adv" in batch:
            views["_attacked"] = _plain(batch["image_adv"]).to(images)[chosen]
        predicted = {suffix: self._predict(engine, view) for suffix, view in views.items()}
        explained = {
            suffix: labels[chosen] if self.explained_class == "true" else guess for suffix, guess in predicted.items()
        }
        maps = {
            suffix: grad_cam(network, view, explained[suffix], self.target_layer, self.method)[:, 0]
            for suffix, view in views.items()
        }
        for position, index in enumerate(chosen.tolist()):
            found = {suffix: values[position] for suffix, values in maps.items()}
            mask = _mask(batch, index)
            image_id = str(batch["image_id"][index])
            measures = measure_explanation(
                network,
                views[""][position],
                int(explained[""][position]),
                found[""],
                found.get("_attacked"),
                mask,
                self.faithfulness_steps,
            )
            record = ExplanationRecord(
                image_id=image_id,
                lesion_id=str(batch["lesion_id"][index]) if "lesion_id" in batch else image_id,
                label=int(labels[index]),
                predicted=int(predicted[""][position]),
                predicted_attacked=int(predicted["_attacked"][position]) if "_attacked" in views else None,
                masked=mask is not None,
                file_name=self.writer.file_name(image_id),
                measures=measures,
            )
            self.records.append(record)
            position_in_space = None if affine is None else np.asarray(affine[index])
            for suffix, saliency in found.items():
                image, values = views[suffix][position].cpu().numpy(), saliency.cpu().numpy()
                self.writer.add(record.file_name + suffix, image, values, position_in_space)
            if mask is not None:
                self.writer.add_mask(record.file_name, mask.numpy(), position_in_space)

    def finish(self, engine: SupervisedEvaluator) -> None:
        """Summarize, and put everything in its place.

        Args:
            engine: the evaluator.

        """
        summary = summarize_explanations(self.records, self.resamples, self.seed)
        for name, measure in summary["measures"].items():
            engine.state.metrics[f"explanation_{name}"] = measure["value"]
        described = {
            "method": self.method,
            "target_layer": self.target_layer.name if self.target_layer else self.layer_name,
            "map_shape": list(self.target_layer.shape) if self.target_layer else None,
            "image_shape": self._image_shape or None,
            "explained_class": self.explained_class,
            "attack": _describe_attack(self.attack),
            "correct_only": self.correct_only,
            "classes": self.class_names,
            "bootstrap": {
                "unit": "lesion",
                "resamples": self.resamples,
                "confidence": 0.95,
                "seed": self.seed,
            },
            **summary,
        }
        self.writer.close(described, self.records, self.render)
        grid = self.writer.path / "grid.png"
        engine.state.explanations = without_nan(described)
        engine.state.explanation_grid = grid.read_bytes() if grid.is_file() else None

    def _predict(self, engine: SupervisedEvaluator, images: Tensor) -> Tensor:
        with torch.no_grad(), engine.mode(engine.network):
            return engine.network(images).argmax(dim=1)


def _describe_attack(attack: Attack | None) -> dict[str, Any] | None:
    if attack is None:
        return None
    return {
        "attack": type(attack).__name__,
        "norm": attack.norm,
        "epsilon": attack.epsilon,
        "steps": getattr(attack, "steps", None),
    }


def _plain(tensor: Any) -> Tensor:
    """Remove MONAI's metadata from a tensor."""
    return torch.as_tensor(tensor).as_subclass(Tensor)


def _mask(batch: dict[str, Any], index: int) -> Tensor | None:
    """The lesion mask of one image of the batch, shape (*spatial), if it has a lesion."""
    if "mask" not in batch:
        return None
    mask = _plain(batch["mask"][index])[0].cpu()
    return mask if bool((mask > 0).any()) else None
