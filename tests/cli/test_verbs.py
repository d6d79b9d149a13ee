import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from custom.cli import verbs
from custom.cli.commands import VERBS
from custom.cli.commands.training import EXAMPLES, QUICK_START
from custom.cli.estimate import SAMPLE
from tests.cli.programs import content, run_program

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def dry_run(line):
    """The commands of a dry run; how long a training takes is told by a step of it, which takes long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("custom.cli.estimate.training_estimate", lambda *_: "")
        outcome = run_program(f"custom {line} --dry-run")
    assert outcome.code == 0, outcome.stderr
    return [shlex.split(text) for text in outcome.stdout.splitlines() if text.startswith("python ")]


def test_help_names_every_verb_method_and_attack():
    printed = run_program("custom --help").stdout
    assert all(f"  {name}" in printed for name in VERBS)
    for word in ("dpaat", "amat", "pgd20", "autoattack_l2"):
        assert word in printed


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_help(name):
    outcome = run_program(f"custom {name} --help")
    assert outcome.code == 0
    assert "--dry-run" in outcome.stdout
    if VERBS[name].configs:
        assert "--seed " in outcome.stdout or "--batch_size " in outcome.stdout


def test_training_says_what_it_would_run_and_about_how_long(synthetic_data):
    outcome = run_program(f"custom train --data {synthetic_data} --quick --method at --dry-run")
    line, estimate = outcome.stdout.splitlines()
    assert line == (
        "python -m custom.bundle run training --config_file bundle/configs/train.json,bundle/configs/quickstart.json,"
        f"bundle/configs/recipe_recommended.json --dataset_dir {synthetic_data} --method at"
    )
    assert estimate.strip().startswith("About ")
    assert " epochs of 27 images" in estimate


@pytest.mark.parametrize(
    ("options", "recipe"), [("", "paper"), ("--quick", "recommended"), ("--quick --recipe paper", "paper")]
)
def test_the_quick_start_trains_in_the_recommended_recipe_and_one_s_own_images_in_the_paper_s(
    options, recipe, synthetic_data
):
    (training,) = dry_run(f"train --data {synthetic_data} {options}")
    assert [Path(name).name for name in training[6].split(",")][-1] == f"recipe_{recipe}.json"


def test_the_quick_start_says_how_long_it_takes_before_its_images_are_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("custom.cli.commands.training.ROOT", tmp_path)
    (tmp_path / "bundle").symlink_to(ROOT / "bundle")
    assert verbs.main(["train", "--method", "std", "--dry-run"]) == 0
    assert " epochs of 1050 images and validations on 150, " in capsys.readouterr().out
    assert not (tmp_path / "data").exists()


def test_a_sample_of_an_example_has_a_whole_share_of_its_images():
    for _, _, per_class in (QUICK_START, *EXAMPLES.values()):
        assert per_class % SAMPLE == 0


def test_what_a_verb_was_given_reaches_its_script(synthetic_data):
    (checking,) = dry_run(f"check {synthetic_data} --strict --distance 8")
    assert checking[1:] == ["scripts/check_data.py", str(synthetic_data), "--strict", "--distance", "8"]
    (planning,) = dry_run("plan data/mine --run bundle/runs/std --share 0.4 --image-size 64 --trust --norm l2")
    assert planning[1:] == [
        *("scripts/plan.py", "data/mine", "--run", "bundle/runs/std", "--share", "0.4", "--image-size", "64"),
        "--trust",
    ]


def test_an_example_has_a_run_of_its_own(tmp_path):
    options = verbs.parser_of("train", VERBS["train"]).parse_args(["--example", "volume"])
    for given, name in (([], "dpaat-volume"), (["--method", "at"], "at-volume"), (["--run_name", "mine"], "mine")):
        steps = VERBS["train"].steps(options, ["--runs_dir", str(tmp_path), *given])
        (training,) = (step.arguments for step in steps if step.trains)
        assert training[-2:] == ("--output_dir", str(tmp_path / name))


def test_training_without_data_is_evaluated_in_the_folder_that_it_will_have(tmp_path):
    (tmp_path / "at-small_resnet").mkdir(parents=True)
    (tmp_path / "at-small_resnet" / "config.json").touch()
    *_, training, evaluating = dry_run(f"train --method at --backbone small_resnet --runs_dir {tmp_path}")
    assert training[-2:] == ["--output_dir", str(tmp_path / "at-small_resnet-2")]
    assert evaluating[-2:] == ["--checkpoint", str(tmp_path / "at-small_resnet-2" / "model.pt")]
    assert evaluating[6].endswith("bundle/configs/evaluate.json,bundle/configs/quickstart_evaluate.json")
    *_, training, evaluating = dry_run(f"train --method at --backbone small_resnet --runs_dir {tmp_path} --resume")
    assert training[-2:] == ["--output_dir", str(tmp_path / "at-small_resnet")]
    *_, evaluating = dry_run(f"train --output_dir {tmp_path}/mine")
    assert evaluating[-1] == str(tmp_path / "mine" / "model.pt")


def test_what_is_done_with_a_run_takes_its_folder(run, synthetic_data):
    before = content(run)
    (evaluating,) = dry_run(f"evaluate {run} --epsilon_l2 0.1")
    assert evaluating[1:6] == ["-m", "custom.bundle", "run", "evaluating", "--config_file"]
    assert evaluating[6] == f"{run}/config.json,bundle/configs/evaluate.json"
    assert evaluating[-2:] == ["--epsilon_l2", "0.1"]
    assert len(dry_run(f"evaluate {run} {run}")) == 2
    (explaining,) = dry_run(f"explain {run}")
    assert explaining[4] == "explaining"
    (several,) = dry_run(f"explain {run} {run}")
    assert several[1] == "scripts/explain.py"
    (inferring,) = dry_run(f"predict {run} {synthetic_data}")
    assert inferring[-4:] == ["--dataset_dir", str(synthetic_data), "--output_dir", "predictions"]
    (exporting,) = dry_run(f"export {run}")
    assert exporting[-2:] == ["--name", "at_squeezenet1_1"]
    (onnx,) = dry_run(f"export {run} --format onnx")
    assert onnx[1] == "scripts/export_model.py"
    (report,) = dry_run(f"report {run}")
    assert report[1:] == ["scripts/report.py", str(run / "evaluation")]
    assert content(run) == before


def test_a_demo_trains_both_evaluates_compares_explains_and_links(synthetic_data, tmp_path):
    lines = dry_run(f"demo --data {synthetic_data} --quick --output {tmp_path}/demo")
    assert [line[line.index("run") + 1] if "run" in line else line[1] for line in lines] == [
        *("training", "training", "evaluating", "evaluating"),
        *("scripts/compare.py", "scripts/explain.py", "scripts/report.py"),
    ]
    assert [line[line.index("--method") + 1] for line in lines[:2]] == ["std", "dpaat"]
    assert all("quickstart_evaluate.json" in line[6] for line in lines[2:4])
    assert lines[-1][-2:] == ["--index", f"{tmp_path}/demo/index.html"]


def test_a_report_is_written_again_and_its_place_said(run, tmp_path):
    import shutil

    copied = tmp_path / "run"
    shutil.copytree(run, copied, ignore=shutil.ignore_patterns(".lock"))
    (copied / "evaluation" / "report.html").unlink(missing_ok=True)
    process = subprocess.run(
        [sys.executable, "-m", "custom", "report", str(copied)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1] == f"Results: {copied / 'evaluation' / 'report.html'}"
    assert (copied / "evaluation" / "report.html").read_text().startswith("<!")


WAITING = "print('waiting', flush=True)"
WAITING_CONFIG = {
    "imports": ["$import time"],
    "initialize": [{"_target_": "custom.cli.check_command_line"}],
    "run": [f"${WAITING}", "$time.sleep(60)"],
}
RUN_A_CONFIG = "from custom.cli.steps import bundle_step; step = bundle_step('run', [Path(sys.argv[1])])"
# As custom.bundle reports errors, without what it imports.
RUN_A_LINE = (
    "from custom.cli.steps import Step; "
    f'step = Step(("-c", "import time; from custom.cli import make_errors_readable; make_errors_readable(); {WAITING}; '
    'time.sleep(60)"))'
)


@pytest.mark.parametrize("step", [RUN_A_LINE, pytest.param(RUN_A_CONFIG, marks=pytest.mark.slow)])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_verb_and_what_it_runs_in_a_line(number, step, tmp_path):
    config = tmp_path / "wait.json"
    config.write_text(json.dumps(WAITING_CONFIG))
    program = (
        # A shell starts what runs in its background with Ctrl-C ignored, and nohup with SIGHUP ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "signal.signal(signal.SIGHUP, signal.SIG_DFL); "
        f"import sys; from pathlib import Path; from custom.cli.run_steps import run_steps; {step}; "
        "sys.exit(run_steps([step]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "MONAI_DEBUG": "", "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout.readline() == "waiting\n"
    time.sleep(0.2)
    # A terminal sends Ctrl-C to all of its processes, a scheduler SIGTERM to the first.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    _, printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted: the same command with --resume" in printed
    assert "Traceback" not in printed


@pytest.mark.slow
def test_a_demo_ends_with_a_page_that_links_everything(synthetic_data, tmp_path):
    small = "--image_size 48 --fine_tuning_epochs 1 --steps 2 --num_workers 0 --record False"
    line = f"demo --data {synthetic_data} --quick --robust at --output {tmp_path}/demo {small}"
    process = subprocess.run(
        [sys.executable, "-m", "custom", *line.split()], capture_output=True, text=True, check=False, timeout=1800
    )
    assert process.returncode == 0, process.stderr
    page = (tmp_path / "demo" / "index.html").read_text()
    for link in ("standard/evaluation/report.html", "robust/evaluation/report.html", "comparison/comparison.html"):
        assert f'href="{link}"' in page
        assert (tmp_path / "demo" / link).is_file()


@pytest.mark.parametrize(
    ("verb", "override", "results"),
    [
        ("evaluate {run}", "", "{run}/evaluation"),
        ("evaluate {run}", "--output_dir elsewhere", "elsewhere"),
        ("evaluate {run}", "--output_dir=elsewhere", "elsewhere"),
        ("explain {run}", "--explanations_dir elsewhere", "elsewhere"),
        ("explain {run} --output elsewhere", "", "elsewhere"),
        ("predict {run} {run}", "--output_dir elsewhere", "elsewhere"),
    ],
)
def test_results_are_announced_where_they_will_be(verb, override, results, run, monkeypatch):
    found = []
    monkeypatch.setattr(verbs, "run_steps", lambda steps, dry_run=False: found.extend(steps) or 0)
    verbs.main([*shlex.split(verb.format(run=run)), *override.split()])
    assert [str(step.results) for step in found] == [results.format(run=run)]
