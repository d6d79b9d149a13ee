"""An evaluation from network and data to the folder of results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from monai.data import DataLoader
from monai.engines import SupervisedEvaluator
from torch import nn

from custom.attacks import Attack
from custom.evaluation.attack_images import attack_images
from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.calibrated import temperature_scaling
from custom.evaluation.clinical import class_of_interest as find_class_of_interest
from custom.evaluation.clinical import clinical_reading
from custom.evaluation.corruption_benchmark import CorruptionBenchmark
from custom.evaluation.examples import choose_examples, write_examples
from custom.evaluation.intervals import Intervals
from custom.evaluation.origin import data_of, package_versions, this_program
from custom.evaluation.predict import predict
from custom.evaluation.radius_curve import RadiusCurve
from custom.evaluation.readings import readings
from custom.evaluation.referral import risk_coverage
from custom.evaluation.result_folder import DATA, PARTS, result_folder
from custom.evaluation.robustness_checks import RobustnessChecks
from custom.evaluation.select_attacks import select_attacks
from custom.evaluation.smallest_radius import smallest_radius
from custom.evaluation.stability import prediction_stability
from custom.evaluation.subgroups import Subgroups
from custom.evaluation.summary import summarize, write_metrics_csv
from custom.metrics import SCHEMA, AttackKey, Predictions, check_predictions, worst_case_correct, write_predictions

EXAMPLES = f"{DATA}/examples.npz"
EXPLANATIONS = f"{DATA}/explanations.png"


class Evaluation:
    """Evaluate a classifier clean and under attacks, and write the figures to one folder.

    Each attack runs in a stock ``SupervisedEvaluator`` and is kept as soon as it is finished, so that an
    interrupted evaluation resumes with the attack that it was at. A finished attack counts as long as the
    weights, the images and the attack's parameters are the same. The folder gets ``metrics.json``,
    ``metrics.csv``, ``predictions.csv`` and ``data/`` (arrays that figures need), all at once when all is done.
    What they look like in a report is up to `custom.report`.

    Args:
        network: maps images in [0, 1], shape (B, C, *spatial), to logits (B, classes).
        dataloader: the test images in a fixed order: batches with ``image``, ``label``, ``image_id`` and, if
            known, ``lesion_id``.
        class_names: the classes' names, in the order of the logits.
        attack_table: every attack that there is to choose from, by name.
        attacks: names of those to run, as for `select_attacks`.
        output_dir: the folder for the results; earlier results there are replaced.
        epsilons: further radii for some of the attacks, as for `select_attacks`.
        checks: the sanity checks for gradient masking; none for no checks. They are made if there is an attack.
        curve: how to measure accuracy against the radius; none for no curve.
        corruptions: the common corruptions to try; ``None`` to leave them out.
        class_descriptions: what the classes' names stand for, as far as it is known.
        class_of_interest: the class that must not be missed, for the clinical reading; by default melanoma if a class
            has that name, else the first.
        subgroups: what is known of the images, for the accuracy of groups; none for no groups.
        validation: validation images, to fit a temperature that calibrates the probabilities; ``None`` to fit none.
        explainer: an evaluator with a :class:`custom.explain.handler.GradCAMHandler`, whose measures go into the
            results, too; ``None`` for no explanations.
        name: what to call the model in the report.
        data_name: what to call the test data in the report.
        checkpoint: the file that the weights come from, if any, to be named in the results.
        facts: what else is known of the model, such as its ``backbone`` and ``method``.
        card: further lines of the model card, by title.
        unit: what images of one ``lesion_id`` have in common, for reports.
        device: where to compute.
        resamples: number of bootstrap draws.
        seed: of the bootstrap, and of attacks that draw random numbers.
        progress: whether to show progress bars and a line for each attack.

    Raises:
        ValueError: if an attack is unknown, a radius is negative, there is no image, or the folder holds
            other things than results.

    Example::

        evaluation = Evaluation(network, loader, ["MEL", "BKL", "NV"], {"fgsm": FGSM()}, ["fgsm"], "results")
        evaluation.run()["robust_accuracy"][0]["value"]
    """

    def __init__(
        self,
        network: nn.Module,
        dataloader: DataLoader,
        class_names: Sequence[str],
        attack_table: Mapping[str, Attack],
        attacks: str | Sequence[str],
        output_dir: str | Path,
        *,
        epsilons: Mapping[str, Sequence[float]] | None = None,
        checks: RobustnessChecks | None = None,
        curve: RadiusCurve | None = None,
        corruptions: CorruptionBenchmark | None = None,
        class_descriptions: Mapping[str, str] | None = None,
        class_of_interest: str | None = None,
        subgroups: Subgroups | None = None,
        validation: DataLoader | None = None,
        explainer: SupervisedEvaluator | None = None,
        name: str = "the classifier",
        data_name: str = "test split",
        checkpoint: str | Path | None = None,
        facts: Mapping[str, Any] | None = None,
        card: Mapping[str, str] | None = None,
        unit: str = "lesion",
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
            raise ValueError("No image to evaluate: the test split is empty.")
        self.class_descriptions = dict(class_descriptions or {})
        self.corruptions = corruptions
        self.checks, self.curve = (checks, curve) if self.attacks else (None, None)
        self.of_interest = find_class_of_interest(self.class_names, class_of_interest)
        self.subgroups, self.validation = subgroups, validation
        self.explainer = explainer
        self.name, self.data_name, self.card = name, data_name, dict(card or {})
        self.checkpoint = Path(checkpoint) if checkpoint else None
        self.facts, self.unit = dict(facts or {}), unit
        self.device, self.resamples, self.seed, self.progress = device, resamples, seed, progress

    def run(self) -> dict[str, Any]:
        """Evaluate, or resume an evaluation that was interrupted, and write the results.

        Returns:
            The content of ``metrics.json``.

        Raises:
            ValueError: if a label is out of range, or a class has no image, or the network's output does not
                fit the classes. Earlier results stay as they were.
        """
        runner = AttackRunner(
            self.network,
            self.dataloader,
            self.output_dir / PARTS,
            device=self.device,
            seed=self.seed,
            progress=self.progress,
        )
        clean = runner.clean()
        check_predictions(clean.labels, clean.probabilities, self.class_names)
        attacked: dict[AttackKey, Predictions] = {}
        for item in self.attacks:
            attacked[item.key] = attack_images(runner, item, clean, attacked)
        intervals = Intervals(clean.lesion_ids, self.resamples, self.seed)
        strong = [item.key for item in self.attacks if item.strong]
        curves = self.curve.measure(runner, clean, attacked, strong, intervals) if self.curve else []
        checks = self.checks.run(runner, clean, self.attacks, attacked) if self.checks else []
        corruptions = self.corruptions.measure(runner, clean, intervals) if self.corruptions else None
        temperature = self._temperature(clean)
        if self.explainer:
            runner.say("Explaining the test images.")
            self.explainer.run()
        found = summarize(clean, self.attacks, attacked, self.class_names, self.resamples, self.seed)
        read = readings(clean, self.attacks, attacked)
        metrics = {
            **self._origin(runner, clean),
            **found,
            "curves": curves,
            "smallest_radius": smallest_radius(self.attacks, attacked, intervals),
            "corruptions": corruptions,
            "clinical": clinical_reading(read, self.of_interest, intervals),
            "risk_coverage": risk_coverage(read, intervals),
            "stability": prediction_stability(runner, clean, self.attacks, read, intervals),
            "temperature": temperature,
            "subgroups": self._subgroups(clean, attacked, found["robust_accuracy"], intervals),
            "checks": [vars(check) for check in checks],
            "checks_made": len(checks),
            "explanations": self.explainer.state.explanations if self.explainer else None,
            "examples": None,
        }
        with result_folder(self.output_dir) as folder:
            metrics["examples"] = self._write_examples(folder, runner, clean, attacked, metrics["robust_accuracy"])
            self._write_explanations(folder)
            write_metrics_csv(folder / "metrics.csv", metrics)
            write_predictions(folder / "predictions.csv", clean, attacked, self.class_names)
            (folder / "metrics.json").write_text(json.dumps(metrics, indent=1, allow_nan=False) + "\n")
        return metrics

    def _origin(self, runner: AttackRunner, clean: Predictions) -> dict[str, Any]:
        """What the figures are of, and what it takes to repeat them."""
        data = data_of(clean, self.class_names, self.data_name)
        return {
            "schema": SCHEMA,
            "created": datetime.now().astimezone().isoformat(timespec="seconds"),
            "model": {
                "name": self.name,
                "checkpoint": self.checkpoint.name if self.checkpoint else None,
                "weights_sha256": runner.weights,
                "parameters": sum(parameter.numel() for parameter in self.network.parameters()),
                **{"backbone": None, "method": None, **self.facts},
            },
            "data": data,
            "classes": self.class_names,
            "class_descriptions": self.class_descriptions,
            "card": self.card,
            "bootstrap": {
                "unit": "image" if data["lesions"] == data["images"] else self.unit,
                "resamples": self.resamples,
                "confidence": 0.95,
                "seed": self.seed,
            },
            "reproduce": this_program(self.device, self.seed),
            "versions": package_versions(),
        }

    def _temperature(self, clean: Predictions) -> dict[str, Any] | None:
        if self.validation is None:
            return None
        validation = predict(
            self.network,
            self.validation,
            device=self.device,
            name="validation",
            seed=self.seed,
            progress=self.progress,
        )
        return temperature_scaling(validation, clean, self.class_names)

    def _subgroups(
        self,
        clean: Predictions,
        attacked: Mapping[AttackKey, Predictions],
        balls: Sequence[Mapping[str, Any]],
        intervals: Intervals,
    ) -> dict[str, Any] | None:
        if self.subgroups is None:
            return None
        ball = balls[0] if balls else None
        worst = worst_case_correct(clean, attacked.values(), ball["norm"], ball["epsilon"]) if ball else None
        return self.subgroups.measure(clean.image_ids.tolist(), clean.correct, worst, ball, intervals)

    def _write_examples(
        self,
        folder: Path,
        runner: AttackRunner,
        clean: Predictions,
        attacked: Mapping[AttackKey, Predictions],
        balls: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any] | None:
        """Keep images under the strongest attack of the headline's ball; returns what they are."""
        if not balls:
            return None
        ball = (balls[0]["norm"], balls[0]["epsilon"])
        members = [item for item in self.attacks if item.key[1:] == ball and not item.minimal]
        strongest = min(members, key=lambda item: attacked[item.key].accuracy)
        indices = choose_examples(clean, attacked[strongest.key])
        write_examples(folder / EXAMPLES, runner, strongest.attack, indices)
        return {"file": EXAMPLES, **strongest.key._asdict()}

    def _write_explanations(self, folder: Path) -> None:
        grid = getattr(self.explainer.state, "explanation_grid", None) if self.explainer else None
        if grid:
            (folder / DATA).mkdir(exist_ok=True)
            (folder / EXPLANATIONS).write_bytes(grid)
