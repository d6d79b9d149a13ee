"""Explain an evaluator's images by Grad-CAM, clean and attacked, and measure the explanations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedEvaluator
from torch import Tensor

from custom.explain import (
    ExplanationFolder,
    ExplanationRecord,
    Method,
    SheetRow,
    explanation_sheet,
    find_target_layer,
    grad_cam,
    measure_explanation,
    safe_file_name,
    summarise_explanations,
    without_nan,
)
from custom.report import figure_png

ExplainedClass = Literal["true", "predicted"]


class GradCAMHandler:
    """Explain each image that a stock ``SupervisedEvaluator`` runs, and write maps, pictures and measures.

    The evaluator has ``decollate=False``; its batches hold ``image``, ``label`` and ``image_id`` and, where
    there are such, ``image_adv`` (as :class:`custom.handlers.AdversarialExamples` puts it there),
    ``lesion_id`` and ``mask``. A mask that is 0 throughout counts as none. When the epoch ends,
    ``output_dir`` is written at once:

    - ``maps``: the maps, ``.npy`` and ``.png`` of images, ``.nii.gz`` of volumes; attacked ones end in
      ``_attacked``;
    - ``overlays``: the maps over their images, of volumes the slice with most weight;
    - ``sheet.png``: of each class the first explained image, one with a mask where there is one;
    - ``explanations.json`` and ``measures.csv``: the measures with intervals; the former also image by image.

    The mean measures are put into ``engine.state.metrics`` as ``explanation_...``, where MLflow's handler
    finds them, the whole summary into ``engine.state.explanations``, and the sheet's PNG into
    ``engine.state.explanation_sheet``. The network stays as it was, see :func:`custom.explain.grad_cam`.

    Args:
        output_dir: the folder to be made; earlier explanations there are replaced.
        class_names: names of the classes in the order of the logits.
        method: ``"grad_cam"`` or ``"grad_cam_pp"``.
        target_layer: the layer whose feature map is weighed; ``None`` for the last one.
        explained_class: ``"true"`` explains the true class of each image, clean and attacked, so that both
            maps show evidence for the same class; ``"predicted"`` the class predicted on each.
        correct_only: whether images that the network gets wrong when clean are passed over.
        faithfulness_steps: portions of the deletion and insertion curves, each a forward pass; 0 for no
            curves.
        resamples: bootstrap draws of lesions for the intervals.
        seed: of the bootstrap.

    Raises:
        ValueError: if ``explained_class`` is neither, or ``output_dir`` holds other things than explanations.

    Example::

        >>> from custom.handlers import GradCAMHandler
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
    ) -> None:
        if explained_class not in get_args(ExplainedClass):
            raise ValueError(f"explained_class must be 'true' or 'predicted', not {explained_class!r}.")
        self.folder = ExplanationFolder(output_dir)
        self.class_names = list(class_names)
        self.method, self.target_layer, self.explained_class = method, target_layer, explained_class
        self.correct_only, self.faithfulness_steps = correct_only, faithfulness_steps
        self.resamples, self.seed = resamples, seed
        self._reset()

    def _reset(self) -> None:
        self.records: list[ExplanationRecord] = []
        self._rows: dict[int, SheetRow] = {}

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
        self.folder.open()

    def explain_batch(self, engine: SupervisedEvaluator) -> None:
        """Explain the images of the batch that was just run.

        Args:
            engine: the evaluator.

        """
        batch, output, network = engine.state.batch, engine.state.output, engine.network
        images = output["image"]
        # A volume's place in space, where the transforms have kept it.
        affine = getattr(images, "affine", None)
        images, labels = _plain(images), _plain(output["label"]).flatten()
        right = self._predict(engine, images) == labels
        chosen = (right if self.correct_only else torch.ones_like(right)).nonzero().flatten()
        if not len(chosen):
            return
        layer = self.target_layer = self.target_layer or find_target_layer(network, images)
        views = {"": images[chosen]}
        if "image_adv" in batch:
            views["_attacked"] = _plain(batch["image_adv"]).to(images)[chosen]
        predicted = {suffix: self._predict(engine, view) for suffix, view in views.items()}
        explained = {
            suffix: labels[chosen] if self.explained_class == "true" else guess for suffix, guess in predicted.items()
        }
        maps = {
            suffix: grad_cam(network, view, explained[suffix], layer, self.method)[:, 0]
            for suffix, view in views.items()
        }
        for position, index in enumerate(chosen.tolist()):
            image = views[""][position]
            found = {suffix: values[position] for suffix, values in maps.items()}
            mask = _mask(batch, index)
            image_id = str(batch["image_id"][index])
            record = ExplanationRecord(
                image_id=image_id,
                lesion_id=str(batch["lesion_id"][index]) if "lesion_id" in batch else image_id,
                label=int(labels[index]),
                predicted=int(predicted[""][position]),
                predicted_attacked=int(predicted["_attacked"][position]) if "_attacked" in views else None,
                masked=mask is not None,
                empty=not bool(found[""].any()),
                file_name=safe_file_name(image_id),
                measures=measure_explanation(
                    network,
                    image,
                    int(explained[""][position]),
                    found[""],
                    found.get("_attacked"),
                    mask,
                    self.faithfulness_steps,
                ),
            )
            self.records.append(record)
            for suffix, saliency in found.items():
                self.folder.add(
                    record.file_name + suffix,
                    views[suffix][position].cpu().numpy(),
                    saliency.cpu().numpy(),
                    None if affine is None else np.asarray(affine[index] if affine.ndim == 3 else affine),
                )
            self._keep_for_sheet(record, image, mask, found)

    def finish(self, engine: SupervisedEvaluator) -> None:
        """Summarise, and put everything in its place.

        Args:
            engine: the evaluator.

        """
        summary = summarise_explanations(self.records, self.resamples, self.seed)
        sheet = self._sheet()
        for name, measure in summary["measures"].items():
            engine.state.metrics[f"explanation_{name}"] = measure["value"]
        described = {
            "method": self.method,
            "target_layer": self.target_layer,
            "explained_class": self.explained_class,
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
        engine.state.explanations, engine.state.explanation_sheet = without_nan(described), sheet
        self.folder.close({**described, "records": [vars(record) for record in self.records]}, summary, sheet)

    def _predict(self, engine: SupervisedEvaluator, images: Tensor) -> Tensor:
        with torch.no_grad(), engine.mode(engine.network):
            return engine.network(images).argmax(dim=1)

    def _sheet(self) -> bytes | None:
        if not self._rows:
            return None
        rows = [self._rows[label] for label in sorted(self._rows)]
        return figure_png(explanation_sheet(rows, list(rows[0].maps)))

    def _keep_for_sheet(
        self, record: ExplanationRecord, image: Tensor, mask: Tensor | None, maps: dict[str, Tensor]
    ) -> None:
        kept = self._rows.get(record.label)
        if kept is not None and (kept.mask is not None or mask is None):
            return
        columns = {"": "clean", "_attacked": "attacked"}
        guesses = {"clean": record.predicted, "attacked": record.predicted_attacked}
        self._rows[record.label] = SheetRow(
            title=f"{self.class_names[record.label]}\n{record.image_id}",
            image=image.cpu().numpy(),
            mask=None if mask is None else mask.numpy(),
            maps={columns[suffix]: saliency.cpu().numpy() for suffix, saliency in maps.items()},
            captions={
                name: f"predicted {self.class_names[guess]}" for name, guess in guesses.items() if guess is not None
            },
        )


def _plain(tensor: Any) -> Tensor:
    """Take MONAI's metadata off a tensor."""
    return torch.as_tensor(tensor).as_subclass(Tensor)


def _mask(batch: dict[str, Any], index: int) -> Tensor | None:
    """Give the lesion mask of one image of the batch, shape (*spatial), if it has a lesion."""
    if "mask" not in batch:
        return None
    mask = _plain(batch["mask"][index])[0].cpu()
    return mask if bool((mask > 0).any()) else None
