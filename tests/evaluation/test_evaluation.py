import csv
import json
from collections import Counter

import numpy as np
import pytest
import torch
from monai.data import DataLoader, Dataset
from sklearn import metrics as sk

from custom.attacks import FGSM, IFGSM, PGD, StrongAttack
from custom.evaluation import Evaluation, RadiusCurve, RobustnessChecks
from custom.metrics import AttackKey, read_metrics, read_predictions

from .margins import NAMES


class Counted(FGSM):
    """FGSM that counts its batches."""

    calls: Counter = Counter()

    def perturb(self, *arguments):
        Counted.calls[self.epsilon] += 1
        return super().perturb(*arguments)


class Late(FGSM):
    """FGSM that can be interrupted."""

    interrupted = False

    def perturb(self, *arguments):
        if self.interrupted:
            raise KeyboardInterrupt
        return super().perturb(*arguments)


class OnSome(FGSM):
    """FGSM that leaves every second image of a batch of 18 alone."""

    def __init__(self, *, epsilon, parity):
        super().__init__(epsilon=epsilon)
        self.parity = parity

    def with_epsilon(self, epsilon):
        return OnSome(epsilon=epsilon, parity=self.parity)

    def perturb(self, network, images, labels, epsilon):
        # Brighter images are those of larger margins; their rank tells them apart in batches of any size.
        rank = ((images.amax(dim=(1, 2, 3)) - 0.3) * 100).round().long() // 2
        chosen = ((rank + labels) % 2 == self.parity).to(images)
        return super().perturb(network, images, labels, epsilon * chosen)


class Useless(FGSM):
    """An attack that finds nothing."""

    def perturb(self, network, images, labels, epsilon):
        return images


TABLE = {
    "fgsm": FGSM(epsilon=0.05),
    "ifgsm10": IFGSM(epsilon=0.05, steps=10),
    "pgd20": PGD(epsilon=0.3, steps=20, step_size=0.15, norm="l2"),
    "counted": Counted(epsilon=0.05),
    "other": Counted(epsilon=0.1),
    "late": Late(epsilon=0.3),
}


@pytest.fixture
def evaluate(network, loader, tmp_path):
    def run(attacks, **options):
        options = {"resamples": 50, "progress": False, "output_dir": tmp_path / "results"} | options
        chosen = {"network": network, "dataloader": loader} | options
        return Evaluation(class_names=NAMES, attack_table=TABLE, attacks=attacks, **chosen).run()

    return run


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_figures_worked_out_by_hand(evaluate, tmp_path):
    summary = evaluate(["clean", "fgsm"], epsilons={"fgsm": [0.15]}, name="means", data_name="margins")
    assert summary["clean"]["images"]["accuracy"]["value"] == pytest.approx(5 / 6)
    assert summary["attacks"]["fgsm"]["images"]["accuracy"]["value"] == pytest.approx(3 / 6)
    # Margins of 0.04, 0.08 and 0.2 are below twice 0.15.
    (further,) = summary["radii"]
    assert (further["attack"], further["norm"], further["epsilon"]) == ("fgsm", "linf", 0.15)
    assert further["images"]["accuracy"]["value"] == pytest.approx(2 / 6)
    assert summary["attacks"]["fgsm"]["perturbation"]["linf"]["largest"] == pytest.approx(0.05)
    assert summary["attacks"]["fgsm"]["confusion"] == [[3, 3, 0], [3, 3, 0], [3, 0, 3]]
    assert summary["baselines"] == {
        "chance": pytest.approx(1 / 3),
        "majority_class": "MEL",
        "majority": pytest.approx(1 / 3),
        "predicted_classes": NAMES,
        "constant": False,
    }
    assert summary["data"]["lesions"] == 9
    assert summary["data"]["images_per_class"] == {"MEL": 6, "BKL": 6, "NV": 6}
    assert summary["data"]["image_shape"] == [3, 4, 4]
    assert summary == json.loads((tmp_path / "results" / "metrics.json").read_text())
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [
        "attacks",
        "data",
        "metrics.csv",
        "metrics.json",
        "predictions.csv",
    ]


def test_examples_are_kept_as_arrays(evaluate, tmp_path):
    summary = evaluate(["fgsm"])
    assert summary["examples"] == {"file": "data/examples.npz", "attack": "fgsm", "norm": "linf", "epsilon": 0.05}
    with np.load(tmp_path / "results" / "data" / "examples.npz") as examples:
        assert examples["images"].shape == examples["images_adv"].shape == (6, 3, 4, 4)
        assert np.abs(examples["images_adv"] - examples["images"]).max() == pytest.approx(0.05)
        # Of each class the two images that the attack turns: margins of 0.04 and 0.08.
        assert examples["image_ids"].tolist() == [f"image_{label}_{index}" for label in range(3) for index in (1, 2)]
        assert examples["clean"].argmax(1).tolist() == examples["labels"].tolist() == [0, 0, 1, 1, 2, 2]
        assert (examples["attacked"].argmax(1) != examples["labels"]).all()


def test_robust_accuracy_is_the_worst_case_per_image(evaluate, monkeypatch):
    # One attack for even images, one for odd ones, as no attack is the best for all; both leave more than they take.
    for name, parity in (("even", 0), ("odd", 1)):
        monkeypatch.setitem(TABLE, name, OnSome(epsilon=0.15, parity=parity))
    summary = evaluate(["even", "odd", "fgsm"])
    accuracy = {name: record["images"]["accuracy"]["value"] for name, record in summary["attacks"].items()}
    smaller, larger = sorted(summary["robust_accuracy"], key=lambda ball: ball["epsilon"])
    assert (larger["norm"], larger["epsilon"]) == ("linf", 0.15)
    assert larger["value"] == pytest.approx(2 / 6)
    assert larger["value"] < min(accuracy["even"], accuracy["odd"])
    assert larger["attacks"] == ["even", "odd", "fgsm"]
    assert (larger["images"], larger["correct_clean"], larger["correct"]) == (18, 15, 6)
    assert sum(larger["lost_to"].values()) == 15 - 6
    assert larger["recall"]["MEL"]["value"] == pytest.approx(2 / 6)
    recalls = [interval["value"] for interval in larger["recall"].values()]
    assert larger["balanced_accuracy"]["value"] == pytest.approx(sum(recalls) / 3)
    # What was found within the larger ball does not lie in the smaller one.
    assert smaller["value"] == pytest.approx(3 / 6)
    assert smaller["attacks"] == ["fgsm"]


def test_images_lost_in_a_smaller_ball_are_lost_in_a_larger_one(evaluate, monkeypatch):
    monkeypatch.setitem(TABLE, "useless", Useless(epsilon=0.15))
    summary = evaluate(["useless", "fgsm"])
    by_radius = {ball["epsilon"]: ball["value"] for ball in summary["robust_accuracy"]}
    assert by_radius == {0.15: pytest.approx(3 / 6), 0.05: pytest.approx(3 / 6)}
    assert summary["attacks"]["useless"]["images"]["accuracy"]["value"] == pytest.approx(5 / 6)


def test_the_strong_attack_attacks_what_is_left_and_reports_no_probabilities(evaluate, monkeypatch):
    attacked = []
    strong = StrongAttack(epsilon=0.15, norm="linf")
    perturb = StrongAttack.perturb

    def counted(self, network, images, labels, epsilon):
        attacked.append(len(images))
        return perturb(self, network, images, labels, epsilon)

    monkeypatch.setattr(StrongAttack, "perturb", counted)
    monkeypatch.setitem(TABLE, "strong", strong)
    summary = evaluate(["strong", "fgsm"])
    # Of 18 images 9 withstand FGSM in the smaller ball; the six of the examples come after.
    assert sum(attacked[:-1]) == 9
    record = summary["attacks"]["strong"]
    assert record["outputs"] == "fooled images"
    assert list(record["images"]) == ["accuracy", "recall", "recall_MEL", "recall_BKL", "recall_NV"]
    assert record["reliability"] is None
    assert record["images"]["accuracy"]["value"] == pytest.approx(2 / 6)
    assert summary["robust_accuracy"][0]["strong"] is True
    assert summary["robust_accuracy"][0]["lost_to"] == {"fgsm": 6, "strong": 3}
    assert summary["attacks"]["fgsm"]["outputs"] == "every image"
    assert "roc_auc" in summary["attacks"]["fgsm"]["images"]


def test_the_curve_is_that_of_the_margins(evaluate):
    strong = StrongAttack(epsilon=0.15, norm="linf", steps=5)
    curve = RadiusCurve({"strong": strong}, factors=(0.1, 0.2, 1, 1.5, 2.5))
    (found,) = evaluate(["fgsm"], curve=curve)["curves"]
    # Margins of -0.02, 0.04, 0.08, 0.2, 0.4 and 0.6 are lost at half of each.
    expected = {0: 5, 0.015: 5, 0.03: 4, 0.15: 2, 0.225: 1, 0.375: 0}
    points = {round(point["epsilon"], 6): point["value"] for point in found["points"]}
    assert points == {radius: pytest.approx(count / 6) for radius, count in expected.items()}
    radii, values = zip(*sorted(expected.items()), strict=True)
    area = np.trapezoid(np.array(values) / 6, radii) / 0.375
    assert found["expected_robustness"]["value"] == pytest.approx(area)
    assert found["expected_robustness"]["low"] <= area <= found["expected_robustness"]["high"]
    assert (found["norm"], found["attack"], found["images"], found["of_images"]) == ("linf", "strong", 18, 18)


def test_a_curve_attacks_only_what_is_not_known(evaluate, monkeypatch):
    sizes = []
    perturb = StrongAttack.perturb

    def counted(self, network, images, labels, epsilon):
        sizes.append((round(float(epsilon[0]), 4), len(images)))
        return perturb(self, network, images, labels, epsilon)

    monkeypatch.setattr(StrongAttack, "perturb", counted)
    strong = StrongAttack(epsilon=0.15, norm="linf", steps=5)
    monkeypatch.setitem(TABLE, "strong", strong)
    evaluate(["strong"], curve=RadiusCurve({"strong": strong}, factors=(0.2, 1, 1.5)))
    by_radius = Counter()
    for radius, count in sizes:
        by_radius[radius] += count
    # At 0.15 the 15 that are right clean (and six examples), of which nine are lost: those alone at 0.03, the other
    # six at 0.225.
    assert by_radius == {0.15: 15 + 6, 0.03: 9, 0.225: 6}


@pytest.mark.parametrize("wrong", [{"factors": (0, 1)}, {"factors": ()}, {"images": -1}])
def test_a_curve_without_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="The curve's"):
        RadiusCurve({}, **wrong)


def test_metrics_agree_with_scikit_learn_on_the_written_predictions(evaluate, tmp_path):
    summary = evaluate(["fgsm", "pgd20"])
    predictions = rows(tmp_path / "results" / "predictions.csv")
    assert len(predictions) == 3 * 18
    written = {
        (row["attack"], row["images"], row["metric"]): float(row["value"])
        for row in rows(tmp_path / "results" / "metrics.csv")
    }
    for attack, result in {"clean": summary["clean"], **summary["attacks"]}.items():
        members = [row for row in predictions if row["attack"] == attack]
        labels = np.array([int(row["label"]) for row in members])
        for kind, images in (("attacked", "as computed"), ("rounded", "rounded to 8 bits")):
            scores = np.array([[float(row[f"{kind}_{name}"]) for name in NAMES] for row in members])
            predicted = scores.argmax(axis=1)
            precision, recall, f1, _ = sk.precision_recall_fscore_support(
                labels, predicted, average="macro", zero_division=0
            )
            expected = {
                "accuracy": sk.accuracy_score(labels, predicted),
                "average_precision": sk.average_precision_score(np.eye(3)[labels], scores, average="macro"),
                "roc_auc": sk.roc_auc_score(labels, scores, multi_class="ovr", average="macro"),
                "precision": precision,
                "recall": recall,
                "f1": f1,
                "negative_log_likelihood": sk.log_loss(labels, scores),
                "brier_score": sk.brier_score_loss(labels, scores, labels=[0, 1, 2], scale_by_half=False),
            }
            per_class = sk.recall_score(labels, predicted, average=None)
            expected |= {f"recall_{name}": per_class[index] for index, name in enumerate(NAMES)}
            for name, value in expected.items():
                assert written[attack, images, name] == pytest.approx(value), (attack, kind, name)
                stored = result["images" if kind == "attacked" else "rounded"][name]
                assert stored["value"] == pytest.approx(value)
                assert stored["low"] <= stored["value"] + 1e-12
                assert stored["high"] >= stored["value"] - 1e-12


def test_finished_attacks_are_not_run_again(evaluate):
    Counted.calls.clear()
    first = evaluate(["counted"])
    # Four batches of the data, one of the misclassified images, for stability, and one of examples for the report.
    assert Counted.calls == {0.05: 4 + 1 + 1}
    second = evaluate(["counted", "other"])
    # The examples are those of the first ball.
    assert Counted.calls == {0.05: 6 + 1, 0.1: 4}
    assert second["attacks"]["counted"] == first["attacks"]["counted"]


def test_an_interrupted_evaluation_resumes_with_the_attack_that_it_was_at(evaluate, tmp_path, monkeypatch):
    Counted.calls.clear()
    monkeypatch.setattr(Late, "interrupted", True)
    with pytest.raises(KeyboardInterrupt):
        evaluate(["counted", "late"])
    assert [path.name for path in (tmp_path / "results").rglob("*")] == ["attacks", "counted.npz"]
    monkeypatch.setattr(Late, "interrupted", False)
    evaluate(["counted", "late"])
    assert Counted.calls == {0.05: 4 + 1 + 1}


@pytest.mark.parametrize("changed", ["weights", "data", "attack", "seed"])
def test_finished_attacks_count_only_for_what_they_were_made_of(evaluate, network, items, changed, monkeypatch):
    evaluate(["counted"])
    Counted.calls.clear()
    options = {}
    if changed == "weights":
        network.scale.data += 1
    elif changed == "data":
        items[0]["image"] += 0.01
    elif changed == "attack":
        monkeypatch.setattr(TABLE["counted"], "batch_norm", "training")
    else:
        options["seed"] = 1
    evaluate(["counted"], **options)
    assert Counted.calls[0.05] == 6


def test_checks_are_made_on_a_subset_and_reported(evaluate, tmp_path):
    checks = RobustnessChecks(TABLE["pgd20"], TABLE["pgd20"], FGSM(epsilon=1), images=6)
    summary = evaluate(["fgsm", "ifgsm10"], checks=checks)
    assert [check["name"] for check in summary["checks"]] == [
        "ifgsm10 is at least as strong as fgsm",
        "An unbounded radius leaves no image correct",
        "The loss has a gradient at the images",
        "An attack of radius 0 leaves the clean accuracy",
        "Two runs of an attack agree",
        "20 steps are hardly stronger than 20",
        "20 steps are no weaker than 20",
        "The attacks gave no warning",
    ]
    assert "on 6 images" in summary["checks"][1]["detail"]
    assert all(check["passed"] for check in summary["checks"])
    assert summary["checks_made"] == 8


def test_without_checks_none_is_claimed(evaluate):
    summary = evaluate(["fgsm", "ifgsm10"])
    assert (summary["checks"], summary["checks_made"]) == ([], 0)


def test_a_resumed_evaluation_equals_an_uninterrupted_one(evaluate, tmp_path, monkeypatch):
    """Also with an attack that draws random numbers, as each starts from its own seed."""
    monkeypatch.setitem(TABLE, "random", PGD(epsilon=0.5, steps=3, norm="l2", random_start=True))
    names = ["random", "late", "random2"]
    monkeypatch.setitem(TABLE, "random2", PGD(epsilon=0.5, steps=3, norm="l2", random_start=True, seed=5))
    whole = evaluate(names, output_dir=tmp_path / "whole")
    monkeypatch.setattr(Late, "interrupted", True)
    with pytest.raises(KeyboardInterrupt):
        evaluate(names, output_dir=tmp_path / "resumed")
    monkeypatch.setattr(Late, "interrupted", False)
    resumed = evaluate(names, output_dir=tmp_path / "resumed")
    assert {**whole, "created": ""} == {**resumed, "created": ""}
    for name in ("predictions.csv", "metrics.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "resumed" / name).read_bytes()
    with np.load(tmp_path / "whole/data/examples.npz") as one, np.load(tmp_path / "resumed/data/examples.npz") as two:
        assert all(np.array_equal(one[name], two[name]) for name in one)


def test_clean_alone_needs_no_attack(evaluate, tmp_path):
    summary = evaluate(["clean"])
    assert summary["attacks"] == {}
    assert summary["checks"] == []
    assert summary["robust_accuracy"] == summary["curves"] == []
    assert summary["examples"] is None


def test_any_name_of_a_class_or_an_image_is_written_and_read_back(items, network, tmp_path):
    names = ["Nevus (benign)", "BCC/SCC, $x^2$ |", "=L\u00e4sion <5&"]
    items[0]["image_id"], items[1]["image_id"], items[2]["lesion_id"] = "l\udce4sion 3.png", "=1+1", "+cmd"
    loader = DataLoader(Dataset(items), batch_size=5)
    evaluation = Evaluation(network, loader, names, TABLE, ["fgsm"], tmp_path / "r", resamples=20, progress=False)
    summary = evaluation.run()
    assert summary["classes"] == read_metrics(tmp_path / "r")["classes"] == names
    assert summary["attacks"]["fgsm"]["images"][f"recall_{names[2]}"]["value"] == pytest.approx(1 / 2)
    read = read_predictions(tmp_path / "r")
    clean, attacked = read[AttackKey("clean")], read[AttackKey("fgsm", "linf", 0.05)]
    assert clean.accuracy == pytest.approx(5 / 6)
    assert attacked.accuracy == pytest.approx(1 / 2)
    assert {"l\\udce4sion 3.png", "=1+1"} < set(clean.image_ids)
    assert "+cmd" in clean.lesion_ids
    with (tmp_path / "r" / "predictions.csv").open(encoding="utf-8") as file:
        assert not any(cell.startswith(("=", "+", "@")) for row in csv.reader(file) for cell in row)


def test_volumes_and_single_channels(tmp_path):
    network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool3d(2), torch.nn.Flatten(), torch.nn.Linear(8, 3))
    items = [{"image": torch.rand(1, 4, 5, 6), "label": index % 3, "image_id": str(index)} for index in range(6)]
    loader = DataLoader(Dataset(items), batch_size=4)
    evaluation = Evaluation(network, loader, NAMES, TABLE, ["fgsm"], tmp_path / "r", resamples=20, progress=False)
    assert evaluation.run()["data"]["image_shape"] == [1, 4, 5, 6]


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def missing_class(items):
    del items[6:12]


def label_out_of_range(items):
    items[4]["label"] = 3


@pytest.mark.parametrize(
    ("attacks", "options", "spoil", "sentence"),
    [
        (["fgsm", "pgd7"], {}, None, "Unknown attack 'pgd7'"),
        (["fgsm"], {"epsilons": {"fgsm": [-1]}}, None, "must be a number >= 0, not -1"),
        (["fgsm"], {}, list.clear, "the test split is empty"),
        (["fgsm"], {}, missing_class, "No image of class BKL"),
        (["fgsm"], {}, label_out_of_range, "Label 3 is out of range"),
        (
            ["fgsm"],
            {"network": torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2))},
            None,
            "shape",
        ),
    ],
)
def test_bad_input_gets_one_sentence_and_leaves_earlier_results(
    evaluate, items, tmp_path, attacks, options, spoil, sentence
):
    evaluate(["fgsm"])
    before = snapshot(tmp_path)
    if spoil:
        spoil(items)
    with pytest.raises(ValueError, match=sentence) as raised:
        evaluate(attacks, **options)
    assert "\n" not in str(raised.value)
    assert snapshot(tmp_path) == before
