"""An evaluation from network and data to the folder of results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import DataLoader
from monai.engines import SupervisedEvaluator
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import Subset

from custom.attacks import Attack
from custom.evaluation.fingerprint import describe_attack, file_hash, fingerprint, network_hash
from custom.evaluation.pictures import attack_examples, choose_examples, draw_pictures
from custom.evaluation.predict import predict
from custom.evaluation.result_folder import PARTS, result_folder
from custom.evaluation.robustness_checks import RobustnessChecks
from custom.evaluation.select_attacks import select_attacks
from custom.evaluation.summary import summarise, write_metrics_csv, write_predictions_csv
from custom.metrics import Predictions, check_predictions
from custom.report import Examples, render_report, strongest_attacks, verdict

PACKAGES = ("torch", "torchvision", "monai", "pytorch-ignite", "numpy", "scikit-learn", "pyautoattack")


class Evaluation:
    """Evaluate a classifier clean and under attacks, and write what was found to one folder.

    Each attack runs in a stock ``SupervisedEvaluator`` and is kept as soon as it is finished, so that an
    interrupted evaluation goes on with the attack that it was at. A finished attack counts as long as the
    weights, the images and the attack's parameters are the same. The folder gets ``metrics.json``,
    ``metrics.csv``, ``predictions.csv``, ``pictures/`` and ``report.html``, all at once when all is done.

    Args:
        network: maps images in [0, 1], shape (B, C, *spatial), to logits (B, classes).
        dataloader: the test images in a fixed order: batches with ``image``, ``label``, ``image_id`` and, if
            known, ``lesion_id``.
        class_names: the classes' names, in the order of the logits.
        attack_table: every attack that there is to choose from, by name.
        attacks: names of those to run, as for `select_attacks`.
        output_dir: the folder for the results; earlier results there are replaced.
        epsilons: further radii for some of the attacks, as for `select_attacks`.
        checks: the checks against false robustness; none for none. They are made where there is an attack.
        explainer: an evaluator with a :class:`custom.handlers.GradCAMHandler`, whose measures and sheet go into
            the results, too; ``None`` for no explanations.
        name: what to call the model in the report.
        data_name: what to call the test data in the report.
        checkpoint: the file that the weights come from, if any, to be named in the results.
        card: further lines of the model card, by title.
        device: where to compute.
        resamples: number of bootstrap draws.
        seed: of the bootstrap, and of attacks that draw random numbers.
        progress: whether to show progress bars, a line for each attack, and the verdict at the end.

    Raises:
        ValueError: if an attack is unknown, a radius is negative, there is no image, or the folder holds
            other things than results.

    Example::

        evaluation = Evaluation(network, loader, ["MEL", "BKL", "NV"], {"fgsm": FGSM()}, ["fgsm"], "results")
        evaluation.run()["attacks"]["fgsm"]["images"]["accuracy"]
    """

    def __init__(
        self,
        network: nn.Module,
        dataloader: DataLoader,
        class_names: Sequence[str],
        attack_table: Mapping[str, Attack],
        attacks: Sequence[str],
        output_dir: str | Path,
        *,
        epsilons: Mapping[str, Sequence[float]] | None = None,
        checks: RobustnessChecks | None = None,
        explainer: SupervisedEvaluator | None = None,
        name: str = "the classifier",
        data_name: str = "test split",
        checkpoint: str | Path | None = None,
        card: Mapping[str, str] | None = None,
        device: torch.device | str = "cpu",
        resamples: int = 1000,
        seed: int = 0,
        progress: bool = True,
    ) -> None:
        self.network, self.dataloader, self.class_names = network, dataloader, list(class_names)
        self.attacks = select_attacks(attack_table, attacks, epsilons)
        self.output_dir = Path(output_dir)
        result_folder(self.output_dir).check()
        if len(dataloader.dataset) == 0:  # type: ignore[arg-type]
            raise ValueError("There is no image to evaluate: the test split is empty.")
        self.checks = (checks or RobustnessChecks()) if self.attacks else None
        self.explainer = explainer
        self.name, self.data_name, self.card = name, data_name, dict(card or {})
        self.checkpoint = Path(checkpoint) if checkpoint else None
        self.device, self.resamples, self.seed, self.progress = device, resamples, seed, progress

    def run(self) -> dict[str, Any]:
        """Evaluate, or go on with an evaluation that was interrupted, and write the results.

        Returns:
            The content of ``metrics.json``.

        Raises:
            ValueError: if a label is out of range, or a class has no image, or the network's output does not
                fit the classes. Earlier results stay as they were.
        """
        clean = self._predict("clean", None, self.dataloader)
        check_predictions(clean.labels, clean.probabilities, self.class_names)
        self._say(f"clean: {clean.accuracy:.1%} right")
        weights = network_hash(self.network)
        attacked = {name: self._finished_or_new(name, attack, clean, weights) for name, attack in self.attacks.items()}
        checked: dict[str, Predictions] = {}
        if self.checks:
            indices = self.checks.subset(clean.labels)
            checked = {
                name: self._finished_or_new(f"check_{name}", attack, clean, weights, indices)
                for name, attack in self.checks.attacks.items()
            }
        if self.explainer:
            self._say("Explaining the test images.")
            self.explainer.run()
        summary = self._summary(clean, attacked, checked, weights)
        self._write(summary, clean, attacked)
        self._say(*verdict(summary).sentences, f"Report: {self.output_dir / 'report.html'}")
        return summary

    def _say(self, *lines: str) -> None:
        if self.progress:
            print(*lines, sep="\n", flush=True)

    def _predict(self, name: str, attack: Attack | None, loader: DataLoader) -> Predictions:
        return predict(
            self.network,
            loader,
            attack,
            device=self.device,
            name=name,
            seed=self.seed,
            progress=self.progress,
        )

    def _finished_or_new(
        self,
        name: str,
        attack: Attack,
        clean: Predictions,
        weights: str,
        indices: NDArray[np.int64] | None = None,
    ) -> Predictions:
        """Predictions under an attack: read where they are there and still hold, else made and kept."""
        path = self.output_dir / PARTS / f"{name}.npz"
        follows_from = fingerprint(
            weights=weights,
            data=clean.data_hash,
            images=None if indices is None else indices.tolist(),
            attack=describe_attack(attack),
            seed=self.seed,
        )
        predictions = Predictions.load(path, follows_from)
        if predictions is not None:
            self._say(f"{name}: {predictions.accuracy:.1%} right, as found before")
            return predictions
        loader = self.dataloader
        if indices is not None:
            loader = DataLoader(
                Subset(loader.dataset, indices.tolist()),
                batch_size=loader.batch_size,
                num_workers=loader.num_workers,
                collate_fn=loader.collate_fn,
            )
        predictions = self._predict(name, attack, loader)
        predictions.save(path, follows_from)
        self._say(f"{name}: {predictions.accuracy:.1%} right")
        return predictions

    def _summary(
        self,
        clean: Predictions,
        attacked: Mapping[str, Predictions],
        checked: Mapping[str, Predictions],
        weights: str,
    ) -> dict[str, Any]:
        checks = self.checks.judge(self.attacks, attacked, checked) if self.checks else []
        return {
            "created": datetime.now().astimezone().isoformat(timespec="seconds"),
            "model": {
                "name": self.name,
                "checkpoint": self.checkpoint.name if self.checkpoint else None,
                "checkpoint_sha256": file_hash(self.checkpoint) if self.checkpoint else None,
                "network_sha256": weights,
                "parameters": sum(parameter.numel() for parameter in self.network.parameters()),
            },
            "data": {
                "name": self.data_name,
                "images": len(clean.labels),
                "lesions": len(np.unique(clean.lesion_ids)),
                "images_per_class": {
                    name: int((clean.labels == label).sum()) for label, name in enumerate(self.class_names)
                },
                "image_shape": list(clean.image_shape),
                "sha256": clean.data_hash,
            },
            "classes": self.class_names,
            "card": self.card,
            "bootstrap": {
                "unit": "lesion",
                "resamples": self.resamples,
                "confidence": 0.95,
                "seed": self.seed,
            },
            **summarise(clean, self.attacks, attacked, self.class_names, self.resamples, self.seed),
            "checks": [vars(check) for check in checks],
            "explanations": self.explainer.state.explanations if self.explainer else None,
            "versions": {package: version(package) for package in PACKAGES},
        }

    def _write(self, summary: Mapping[str, Any], clean: Predictions, attacked: Mapping[str, Predictions]) -> None:
        examples: Examples | None = None
        if attacked:
            strongest = min(
                strongest_attacks(summary["attacks"]).values() or attacked,
                key=lambda name: attacked[name].accuracy,
            )
            indices = choose_examples(clean, attacked[strongest])
            examples = attack_examples(self.network, self.dataloader, self.attacks[strongest], indices, self.device)
        with result_folder(self.output_dir) as folder:
            pictures = draw_pictures(summary, clean, attacked, examples)
            if self.explainer and self.explainer.state.explanation_sheet:
                pictures["explanations"] = self.explainer.state.explanation_sheet
            (folder / "pictures").mkdir()
            for name, content in pictures.items():
                (folder / "pictures" / f"{name}.png").write_bytes(content)
            (folder / "metrics.json").write_text(json.dumps(summary, indent=1) + "\n")
            write_metrics_csv(folder / "metrics.csv", summary)
            write_predictions_csv(folder / "predictions.csv", clean, attacked, self.class_names)
            (folder / "report.html").write_text(render_report(summary, pictures), encoding="utf-8")
