import csv
import json

import numpy as np
import pytest
import torch
from monai.data import DataLoader, Dataset
from sklearn import metrics as sk

from custom.attacks import FGSM
from custom.evaluation import Evaluation, RobustnessChecks
from custom.metrics import AttackKey, read_metrics, read_predictions

from .attacks import TABLE
from .margins import NAMES


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
