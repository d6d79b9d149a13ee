import json
from pathlib import Path

import mlflow
import pytest
import torch

from scripts.results import main
from tests.report.evaluations import metrics, write_evaluation

pytestmark = pytest.mark.usefixtures("mlflow_tables")

PAGE = "before\n<!-- {0}:begin -->\nold\n<!-- {0}:end -->\nafter\n"


@pytest.fixture
def run(tmp_path):
    """Make the folder of a training with an evaluation in it: 24 of 30 right clean, fewer attacked."""

    def make(method, right, linf=(6, 6, 6), **differences):
        folder = tmp_path / method
        write_evaluation(folder / "evaluation", metrics((8, 8, 8), (right,) * 3, linf))
        config = {"method": method, "backbone": "resnet18", "image_size": 64, "seed": 0, "batch_size": 8}
        config |= {"learning_rate": 0.001, "warm_up_epochs": 1, "fine_tuning_epochs": 2, **differences}
        (folder / "config.json").write_text(json.dumps(config))
        torch.save({"progress": {"best_epoch": 2}}, folder / "checkpoint.pt")
        client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlruns.db")
        run_id = client.create_run("0", start_time=60_000).info.run_id
        client.set_terminated(run_id, end_time=240_000)
        record = {"run_id": run_id, "tracking_uri": f"sqlite:///{tmp_path}/mlruns.db"}
        (folder / "mlflow_run.json").write_text(json.dumps(record))
        return str(folder)

    return make


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(PAGE.format("results"))
    return path


def test_a_row_a_model_and_the_differences_to_the_first(run, capsys):
    folders = [run("std", 3), run("dpaat", 6)]
    assert main(folders) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert lines[0] == (
        "| method | clean | worst case, ℓ2 0.3 | worst case, ℓ∞ 1/255 | pgd20 | strong_l2 | fgsm | "
        "epochs (head + all) | best | minutes |"
    )
    std, dpaat = (next(line for line in lines if line.startswith(f"| `{name}` | 80.0")) for name in ("std", "dpaat"))
    assert std.count("| 30.0 (") == 3
    assert std.endswith("| 1 + 2 | 2 | 3 |")
    assert dpaat.count("| 60.0 (") == 5
    assert "pgd20: ℓ2 0.3 in 20 steps, strong_l2: ℓ2 0.3 in 40 steps, fgsm: ℓ∞ 1/255" in text
    assert "on 30 images of 15 lesions (ham10000, test split), resnet18 at 64x64, seed 0" in text
    assert "| minus `std` | clean | worst case, ℓ2 0.3 | worst case, ℓ∞ 1/255 | pgd20 | strong_l2 | fgsm |" in text
    assert "| `dpaat` | +0.0 (+0.0 to +0.0) | +30.0 (" in text
    assert lines[-1] == f"Made by `python scripts/results.py {' '.join(folders)}`."


def test_a_page_is_written_only_if_told_to(run, readme, capsys, monkeypatch):
    folder, before = run("std", 3), readme.read_text()
    monkeypatch.chdir(readme.parent)
    assert main([folder]) == 0
    assert readme.read_text() == before
    table = capsys.readouterr().out
    assert main([folder, "--page", "README.md"]) == 0
    text = readme.read_text()
    assert table.splitlines()[2] in text
    assert f"Made by `python scripts/results.py {folder} --page README.md`." in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_only_attacks_that_all_have(run, capsys):
    assert main([run("std", 3), run("at", 4, linf=None)]) == 0
    assert capsys.readouterr().out.startswith("| method | clean | worst case, ℓ2 0.3 | pgd20 | strong_l2 | epochs")


def test_another_section_of_another_page(run, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE.format("more"))
    folder = run("std", 3)
    (Path(folder) / "evaluation").rename(Path(folder) / "autoattack")
    assert main([folder, "--page", str(page), "--evaluation", "autoattack", "--section", "more"]) == 0
    command = f"python scripts/results.py {folder} --page {page} --evaluation autoattack --section more"
    assert f"Made by `{command}`." in page.read_text()
    assert "minus" not in page.read_text()


def test_what_is_not_alike_is_not_compared(run, readme, capsys):
    folders = [run("std", 3), run("at", 4, image_size=32)]
    before = readme.read_text()
    assert main([*folders, "--page", str(readme)]) == 1
    assert "differ in image_size" in capsys.readouterr().err
    assert readme.read_text() == before


def test_a_folder_without_a_training(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert "No config.json found in" in capsys.readouterr().err
