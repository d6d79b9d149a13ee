import csv
import json
from collections import Counter

import numpy as np
import pytest
import torch
from monai.data import DataLoader, Dataset
from sklearn import metrics as sk

from custom.attacks import FGSM, IFGSM, PGD
from custom.evaluation import Evaluation, RobustnessChecks

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


TABLE = {
    "fgsm": FGSM(epsilon=0.05),
    "ifgsm10": IFGSM(epsilon=0.05, steps=10),
    "pgd20": PGD(epsilon=0.3, steps=20, step_size=0.15, norm="l2"),
    "counted": Counted(epsilon=0.05),
    "other": Counted(epsilon=0.1),
    "late": Late(epsilon=0.3),
}


@pytest.fixture(autouse=True)
def _pictures(request, monkeypatch):
    """Drawing takes longer than all the rest, so one test does it for all."""
    if "pictures" not in request.fixturenames:
        monkeypatch.setattr("custom.evaluation.evaluation.draw_pictures", lambda *_: {"confusion": b"PNG"})


@pytest.fixture
def pictures():
    """For tests that want them drawn."""


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


@pytest.mark.usefixtures("pictures")
def test_figures_worked_out_by_hand(evaluate, tmp_path):
    summary = evaluate(["clean", "fgsm"], epsilons={"fgsm": [0.15]}, name="means", data_name="margins")
    assert summary["clean"]["images"]["accuracy"]["value"] == pytest.approx(5 / 6)
    assert summary["attacks"]["fgsm"]["images"]["accuracy"]["value"] == pytest.approx(3 / 6)
    # Margins of 0.04, 0.08 and 0.2 are below twice 0.15.
    assert summary["attacks"]["fgsm@0.15"]["images"]["accuracy"]["value"] == pytest.approx(2 / 6)
    assert summary["attacks"]["fgsm"]["perturbation"]["linf"]["largest"] == pytest.approx(0.05)
    assert summary["data"]["lesions"] == 9
    assert summary["data"]["images_per_class"] == {"MEL": 6, "BKL": 6, "NV": 6}
    assert summary["data"]["image_shape"] == [3, 4, 4]
    assert summary == json.loads((tmp_path / "results" / "metrics.json").read_text())
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [
        "attacks",
        "metrics.csv",
        "metrics.json",
        "pictures",
        "predictions.csv",
        "report.html",
    ]
    assert sorted(path.name for path in (tmp_path / "results" / "pictures").iterdir()) == [
        "confusion.png",
        "curve.png",
        "examples.png",
        "reliability.png",
    ]


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
    # Four batches of the data, and one of examples for the report.
    assert Counted.calls == {0.05: 4 + 1}
    second = evaluate(["counted", "other"])
    assert Counted.calls == {0.05: 5, 0.1: 4 + 1}
    assert second["attacks"]["counted"] == first["attacks"]["counted"]


def test_an_interrupted_evaluation_goes_on_with_the_attack_that_it_was_at(evaluate, tmp_path, monkeypatch):
    Counted.calls.clear()
    monkeypatch.setattr(Late, "interrupted", True)
    with pytest.raises(KeyboardInterrupt):
        evaluate(["counted", "late"])
    assert [path.name for path in (tmp_path / "results").rglob("*")] == ["attacks", "counted.npz"]
    monkeypatch.setattr(Late, "interrupted", False)
    evaluate(["counted", "late"])
    assert Counted.calls == {0.05: 4}


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
    assert Counted.calls[0.05] == 5


def test_checks_are_made_on_a_subset_and_reported(evaluate, tmp_path):
    checks = RobustnessChecks(TABLE["pgd20"], TABLE["pgd20"], FGSM(epsilon=1), images=6)
    summary = evaluate(["fgsm", "ifgsm10"], checks=checks)
    assert [check["name"] for check in summary["checks"]] == [
        "ifgsm10 is at least as strong as fgsm",
        "An unbounded radius leaves no image right",
        "20 steps are hardly stronger than 20",
        "The attacks gave no warning",
    ]
    assert "on 6 images" in summary["checks"][1]["detail"]
    assert all(check["passed"] for check in summary["checks"])


def test_clean_alone_needs_no_attack(evaluate, tmp_path):
    summary = evaluate(["clean"])
    assert summary["attacks"] == {}
    assert summary["checks"] == []
    assert "was not attacked" in (tmp_path / "results" / "report.html").read_text()


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
