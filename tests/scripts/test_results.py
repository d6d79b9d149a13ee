import json
from pathlib import Path

import mlflow
import pytest
import torch

from custom.metrics import write_predictions
from scripts.results import main
from tests.report.summaries import CLEAN, NAMES, keyed, predictions, summary

PAGE = "before\n<!-- {0}:begin -->\nold\n<!-- {0}:end -->\nafter\n"


@pytest.fixture
def run(tmp_path):
    """Make the output folder of a training with an evaluation in it: 24 of 30 right clean, fewer attacked."""

    def make(method, right, attacks=("fgsm", "pgd20"), **differences):
        folder = tmp_path / method
        (folder / "evaluation").mkdir(parents=True)
        config = {"method": method, "backbone": "resnet18", "image_size": 64, "seed": 0, "batch_size": 8}
        config |= {"learning_rate": 0.001, "warm_up_epochs": 1, "fine_tuning_epochs": 2, **differences}
        (folder / "config.json").write_text(json.dumps(config))
        torch.save({"progress": {"best_epoch": 2}}, folder / "checkpoint.pt")
        client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlruns.db")
        run_id = client.create_run("0", start_time=60_000).info.run_id
        client.set_terminated(run_id, end_time=240_000)
        record = {"run_id": run_id, "tracking_uri": f"sqlite:///{tmp_path}/mlruns.db"}
        (folder / "mlflow_run.json").write_text(json.dumps(record))
        attacked = {name: predictions((right,) * 3) for name in attacks}
        found = summary(attacked=attacked) | {"model": {"name": method}}
        (folder / "evaluation" / "metrics.json").write_text(json.dumps(found))
        write_predictions(folder / "evaluation" / "predictions.csv", CLEAN, keyed(attacked)[1], NAMES)
        return str(folder)

    return make


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(PAGE.format("results"))
    return path


def test_a_row_a_model_and_the_differences_to_the_first(run, readme):
    folders = [run("std", 3), run("dpaat", 6)]
    assert main([*folders, "--page", str(readme)]) == 0
    text = readme.read_text()
    std, dpaat = (
        next(line for line in text.splitlines() if line.startswith(f"| `{name}` | 80.0")) for name in ("std", "dpaat")
    )
    assert "| 30.0 (" in std
    assert std.endswith("| 1 + 2 | 2 | 3 |")
    assert dpaat.count("| 60.0 (") == 2
    assert "fgsm: L∞ 1/255, pgd20: L2 0.3 in 20 steps" in text
    assert "| minus `std` | clean | fgsm | pgd20 |" in text
    assert "| `dpaat` | +0.0 (+0.0 to +0.0) | +30.0 (" in text
    assert f"Made by `python scripts/results.py {' '.join(folders)}`." in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_only_attacks_that_all_have(run, readme):
    assert main([run("std", 3), run("at", 4, attacks=("pgd20",)), "--page", str(readme)]) == 0
    assert "| method | clean | pgd20 | epochs" in readme.read_text()


def test_another_section_of_another_page(run, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE.format("more"))
    folder = run("std", 3)
    (Path(folder) / "evaluation").rename(Path(folder) / "autoattack")
    assert main([folder, "--page", str(page), "--evaluation", "autoattack", "--section", "more"]) == 0
    command = f"python scripts/results.py {folder} --evaluation autoattack --section more"
    assert f"Made by `{command}`." in page.read_text()
    assert "minus" not in page.read_text()


def test_what_is_not_alike_is_not_compared(run, readme, capsys):
    folders = [run("std", 3), run("at", 4, image_size=32)]
    before = readme.read_text()
    assert main([*folders, "--page", str(readme)]) == 1
    assert "differ in image_size" in capsys.readouterr().err
    assert readme.read_text() == before


def test_a_folder_without_a_training(tmp_path, readme, capsys):
    assert main([str(tmp_path), "--page", str(readme)]) == 1
    assert "There is no config.json in" in capsys.readouterr().err
