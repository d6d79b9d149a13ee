import json
from pathlib import Path

import mlflow
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow
from monai.engines import SupervisedEvaluator
from PIL import Image

from custom.cli.user_error import user_error
from custom.networks import NetworkCard, TorchvisionClassifier, save_checkpoint

pytestmark = pytest.mark.usefixtures("mlflow_tables")

CONFIGS = Path(__file__).resolve().parents[2] / "bundle" / "configs"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A data set of two images per class and split, and random weights."""
    folder = tmp_path_factory.mktemp("place")
    generator = np.random.default_rng(0)
    splits = {"training": [], "validation": [], "test": []}
    for split, items in splits.items():
        for index in range(6):
            name = f"{split}_{index}.png"
            Image.fromarray(generator.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(folder / name)
            item = {"image": name, "label": index % 3, "image_id": name, "lesion_id": str(index // 2)}
            items.append({**item, "attributes": {"sex": ("female", "male")[index % 2]}})
    labels = {"0": "MEL", "1": "BKL", "2": "NV"}
    (folder / "datalist.json").write_text(json.dumps({"name": "noise", "labels": labels, **splits}))
    torch.manual_seed(0)
    network = TorchvisionClassifier("squeezenet1_1", 3)
    (folder / "run").mkdir()
    torch.save({"network": network.state_dict()}, folder / "run" / "model.pt")
    return folder


@pytest.fixture
def workflow(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("custom.cli.checks.make_errors_readable", lambda _: None)

    def make(*more, **overrides):
        settings = {
            "bundle_root": str(CONFIGS.parent),
            "runs_dir": str(tmp_path / "runs"),
            "dataset_dir": str(place),
            "checkpoint": str(place / "run" / "model.pt"),
            "output_dir": str(tmp_path / "evaluation"),
            "backbone": "squeezenet1_1",
            "image_size": 32,
            "device": "cpu",
            "resamples": 20,
            "check_images": 0,
            "corruption_images": 0,
        }
        found = ConfigWorkflow(
            config_file=[str(CONFIGS / name) for name in ("train.json", "evaluate.json", *more)],
            workflow_type="train",
            meta_file=None,
            logging_file=False,
            **settings | overrides,
        )
        found.initialize()
        return found

    return make


@pytest.mark.usefixtures("unsaved_figures")
def test_one_override_chooses_the_attacks_and_the_test_split_is_evaluated(workflow, tmp_path):
    attacks = ["clean", "ifgsm10", "pgd20"]
    evaluating = workflow(attacks=attacks, epsilons={"ifgsm10": [0.1]}, curve_images=2, record=False)
    assert isinstance(evaluating.evaluator, SupervisedEvaluator)
    evaluating.run()
    summary = json.loads((tmp_path / "evaluation" / "metrics.json").read_text())
    assert list(summary["attacks"]) == ["ifgsm10", "pgd20"]
    assert [(record["attack"], record["norm"], record["epsilon"]) for record in summary["radii"]] == [
        ("ifgsm10", "linf", 0.1)
    ]
    assert [(curve["norm"], len(curve["points"])) for curve in summary["curves"]] == [("l2", 7), ("linf", 7)]
    assert (summary["model"]["backbone"], summary["model"]["method"]) == ("squeezenet1_1", "dpaat")
    parameters = {name: result["parameters"] for name, result in summary["attacks"].items()}
    assert parameters["ifgsm10"]["epsilon"] == pytest.approx(1 / 255)
    assert parameters["ifgsm10"]["step_fraction"] == 0.25
    assert (parameters["pgd20"]["norm"], parameters["pgd20"]["epsilon"]) == ("l2", 0.3)
    assert (parameters["pgd20"]["steps"], parameters["pgd20"]["step_fraction"]) == (20, 0.5)
    assert summary["data"]["image_shape"] == [3, 32, 32]
    assert "test_0.png" in (tmp_path / "evaluation" / "predictions.csv").read_text()
    assert not (tmp_path / "runs").exists()


def test_the_defaults_are_the_attacks_of_the_paper_and_a_strong_one(workflow):
    evaluating = workflow()
    assert evaluating.parser.get_parsed_content("attacks") == [
        "clean",
        "fgsm",
        "ifgsm10",
        "ifgsm20",
        "pgd20",
        "pgd50",
        "strong_l2",
        "strong_linf",
    ]
    table = evaluating.parser.get_parsed_content("attack_table")
    assert {"autoattack_l2", "autoattack_linf", "square_l2", "strong_l2", "strong_linf", "minimal_l2"} < set(table)
    checks = evaluating.parser.get_parsed_content("checks")
    assert checks is None
    assert "%evaluating" not in str(evaluating.parser["run"])


@pytest.mark.usefixtures("unsaved_figures")
def test_probabilities_groups_and_a_class_of_interest_are_read(workflow, tmp_path):
    chosen = {"attacks": ["pgd20"], "curve_images": 0, "class_of_interest": "NV"}
    workflow(**chosen, fit_temperature=True, record=False).run()
    summary = json.loads((tmp_path / "evaluation" / "metrics.json").read_text())
    assert summary["clinical"]["class"] == "NV"
    assert [reading["attack"] for reading in summary["clinical"]["readings"]] == ["clean", "pgd20"]
    assert [len(curve["coverage"]) for curve in summary["risk_coverage"]] == [20, 20]
    assert summary["temperature"]["images"] == 6
    scores = summary["temperature"]["clean"]
    assert scores["before"]["brier_score"] == summary["clean"]["images"]["brier_score"]["value"]
    groups = summary["subgroups"]["sex"]["groups"]
    assert [(row["group"], row["images"], row["small"]) for row in groups] == [("female", 3, True), ("male", 3, True)]
    assert summary["subgroups"]["sex"]["worst"] is None


@pytest.mark.usefixtures("unsaved_figures")
def test_corruptions_and_smallest_radii_are_measured(workflow, tmp_path):
    chosen = ["jpeg_compression", "dark_corners"]
    attacks = ["pgd20", "minimal_l2"]
    workflow(attacks=attacks, corruption_images=3, corruption_names=chosen, curve_images=0, record=False).run()
    summary = json.loads((tmp_path / "evaluation" / "metrics.json").read_text())
    found = summary["corruptions"]
    assert (found["images"], list(found["by_corruption"]), len(found["results"])) == (3, chosen, 10)
    severities = [result["accuracy"]["value"] for result in found["results"] if result["corruption"] == chosen[0]]
    assert found["by_corruption"][chosen[0]]["value"] == pytest.approx(np.mean(severities))
    assert found["mean"]["value"] == pytest.approx(np.mean([r["accuracy"]["value"] for r in found["results"]]))
    assert (summary["smallest_radius"]["attack"], summary["smallest_radius"]["images"]) == ("minimal_l2", 6)
    # It makes no ball of its own; what it finds counts within the others.
    (ball,) = summary["robust_accuracy"]
    assert (ball["norm"], ball["epsilon"], ball["attacks"]) == ("l2", 0.3, attacks)


@pytest.mark.usefixtures("unsaved_figures")
def test_explanations_are_part_of_the_results_where_they_are_asked_for(workflow, tmp_path):
    overrides = {"explain#grad_cam#correct_only": False, "explain#grad_cam#faithfulness_steps": 2}
    evaluating = workflow(
        "explain.json",
        run_id="evaluating",
        attacks=["fgsm"],
        curve_images=0,
        image_size=64,
        explanations_dir=str(tmp_path / "explanations"),
        **overrides,
    )
    evaluating.run()
    found = json.loads((tmp_path / "evaluation" / "metrics.json").read_text())["explanations"]
    written = json.loads((tmp_path / "explanations" / "explanations.json").read_text())
    assert found == {key: value for key, value in written.items() if key not in ("records", "classes", "bootstrap")} | {
        key: found[key] for key in ("classes", "bootstrap")
    }
    assert found["measures"]["insertion"]["images"] == 6
    report = (tmp_path / "evaluation" / "report.html").read_text()
    assert f"{found['measures']['insertion']['value']:.3f}" in report
    assert "No lesion masks" in report
    assert 'class="explanations"' in report
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/runs/mlruns.db")
    (run,) = client.search_runs([client.get_experiment_by_name("robust-classification").experiment_id])
    assert run.data.metrics["explanations/insertion"] == found["measures"]["insertion"]["value"]


@pytest.mark.parametrize("epsilon", [0.3, 4.0, 8.0])
def test_steps_follow_the_radius(workflow, epsilon):
    table = workflow(epsilon_l2=epsilon).parser.get_parsed_content("attack_table")
    for name in ("pgd20", "pgd50"):
        assert table[name].step_length(torch.tensor([epsilon])).item() == pytest.approx(epsilon / 2)


def test_attacks_are_exact_whatever_the_training_was(place):
    parser = ConfigParser()
    parser.read_config([CONFIGS / name for name in ("train.json", "reduced_precision.json", "evaluate.json")])
    parser.update({"dataset_dir": str(place), "device": "cpu"})
    for attack in parser.get_parsed_content("attack_table").values():
        assert all(acceleration.exact for acceleration in attack.accelerations)


def test_autoattack_takes_some_images_of_each_class(workflow, place):
    (place / "run" / "autoattack").mkdir(exist_ok=True)
    evaluating = workflow("autoattack.json", images_per_class=1, output_dir=str(place / "run" / "autoattack"))
    parser = evaluating.parser
    assert [item["label"] for item in parser.get_parsed_content("validate#dataset").data] == [0, 1, 2]
    assert parser.get_parsed_content("attack_table#autoattack_l2").square_queries == 1000
    chosen = [item.name for item in parser.get_parsed_content("evaluation").attacks]
    assert chosen == ["pgd20", "pgd50", "autoattack_l2"]


def test_checks_with_a_surrogate(workflow, place):
    evaluating = workflow(check_images=3, surrogate=str(place / "run" / "model.pt"))
    checks = evaluating.parser.get_parsed_content("checks")
    assert list(checks.attacks) == [
        "reference",
        "reference_again",
        "epsilon_0",
        "many_steps",
        "unbounded",
        "black_box_Square",
        "black_box_transfer",
    ]
    assert list(workflow(check_images=3).parser.get_parsed_content("checks").black_box) == ["Square"]


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"backbone": "squeezenet1_0"}, "weights differ in all"),
        ({"checkpoint": "nowhere.pt"}, "The checkpoint nowhere.pt does not exist"),
        ({"attacks": ["pgd7"]}, "Unknown attack 'pgd7'"),
        ({"class_of_interest": "SCC"}, "class_of_interest is 'SCC'; use one of MEL, BKL, NV"),
        ({"corruption_images": 2, "corruption_names": ["fog"]}, "Unknown corruption 'fog'; use jpeg_compression"),
        ({"subgroup_columns": ["scanner"]}, "No image has the column 'scanner'; known are sex"),
        ({"epsilon_l2": -0.3}, "epsilon_l2 must be a number, at least 0, not -0.3"),
        ({"epsilons": {"fgsm": [-1]}}, "epsilons must be a mapping of names to lists"),
    ],
)
def test_bad_input_gets_one_sentence_and_leaves_earlier_results(workflow, tmp_path, overrides, sentence):
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "metrics.json").write_text("earlier")
    with pytest.raises((ValueError, OSError, RuntimeError)) as raised:
        workflow(**overrides).run()
    assert sentence in str(user_error(raised.value))
    assert [path.name for path in (tmp_path / "evaluation").iterdir()] == ["metrics.json"]
    assert (tmp_path / "evaluation" / "metrics.json").read_text() == "earlier"


@pytest.mark.parametrize("config", [(), ("explain.json",)])
@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ({"class_names": ("NV", "BKL", "MEL")}, "was trained with class_names NV, BKL, MEL, not MEL, BKL, NV"),
        ({"image_size": (48, 48)}, "was trained with image_size 48, 48, not 32, 32"),
        (
            {"intensity": {"bits": 16, "low": 0, "high": 4095}},
            "was trained with intensity {'bits': 16, 'low': 0, 'high': 4095}, not {'bits': 8,",
        ),
        ({}, "returns NaN or infinity for plain images"),
    ],
)
def test_a_network_is_not_used_otherwise_than_it_was_trained(workflow, tmp_path, config, card, sentence):
    network = TorchvisionClassifier("squeezenet1_1", 3)
    if not card:
        network.std.zero_()  # finite weights, but no finite answer
    values = {"class_names": ("MEL", "BKL", "NV"), "image_size": (32, 32)} | card
    save_checkpoint(tmp_path / "model.pt", network, NetworkCard(**values))
    with pytest.raises((ValueError, RuntimeError)) as raised:
        workflow(*config, checkpoint=str(tmp_path / "model.pt")).run()
    assert sentence in str(user_error(raised.value))
    assert not (tmp_path / "evaluation").exists()
