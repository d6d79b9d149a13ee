"""What a mistyped command imports before it is answered."""

import subprocess
import sys
from pathlib import Path

import pytest

from custom.cli import require_packages
from tests.scripts.forms import picture

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "monai", "mlflow", "ignite", "numpy", "matplotlib", "sklearn", "scipy", "pandas"}

SCRIPTS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py"))
ANSWERED = """
import sys
from importlib import import_module
for name in {scripts}:
    try:
        sys.argv = [name + ".py"]
        print(name, import_module("scripts." + name).main({arguments}[name]))
    except SystemExit as end:
        print(name, end.code)
"""
ARGUMENTS = {
    "check_data": ["nowhere"],
    "compare": ["nowhere"],
    "compute_xi": ["--run", "nowhere"],
    "evaluate_model": ["nowhere", "--data", "nowhere"],
    "explain": ["nowhere"],
    "explore": ["nowhere"],
    "export_bundle": ["nowhere", "--name", "x", "--output", "nowhere"],
    "export_model": ["nowhere", "--formats", "pt2"],
    "federated": ["--dataset_dir", "nowhere", "--output", "nowhere"],
    "make_synthetic": ["--output", "nowhere"],
    "make_volumes": ["--output", "nowhere"],
    "plan": ["nowhere"],
    "prepare": ["nowhere", "--output", "nowhere"],
    "report": ["nowhere"],
    "results": ["nowhere"],
    "study": ["nowhere"],
}
OPTIONAL = {"explore": "Gradio", "study": "Ray"}
"""Scripts that look for a package of their own first."""


def run_all(arguments, *options, before=""):
    """Call every script in one process, each with its own arguments."""
    return subprocess.run(
        [sys.executable, *options, "-c", before + ANSWERED.format(scripts=SCRIPTS, arguments=arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_scripts_answer_without_importing_anything_heavy():
    after = f"\nassert not {HEAVY} & set(sys.modules), {HEAVY} & set(sys.modules)"
    arguments = {name: ["--help"] if number % 2 else ["--bogus"] for number, name in enumerate(SCRIPTS)}
    program = ANSWERED.format(scripts=SCRIPTS, arguments=arguments) + after
    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
    answers = [line.split() for line in process.stdout.splitlines() if line.split()[:1] in [[name] for name in SCRIPTS]]
    assert answers == [[name, "0" if number % 2 else "2"] for number, name in enumerate(SCRIPTS)]


def test_images_are_prepared_and_checked_without_pytorch(tmp_path):
    for seed in range(20):
        picture(tmp_path / "in" / "ab"[seed % 2] / f"{seed}.png", seed)
    arguments = [str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    program = f"""
import sys
from scripts import check_data, prepare
assert prepare.main({arguments}) == 0
assert check_data.main({arguments[-1:]}) == 0
assert not {{"torch", "monai"}} & set(sys.modules)
"""
    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr


def test_scripts_say_what_to_do_if_their_packages_are_missing():
    # Without site, Python does not see the environment's packages.
    process = run_all(ARGUMENTS, "-S")
    assert process.stdout.splitlines() == [f"{name} 1" for name in SCRIPTS], process.stderr
    lines = process.stderr.splitlines()
    assert len(lines) == len(SCRIPTS)
    for line in lines:
        assert " does not have the project's packages; run `" in line, line


def test_a_part_says_which_package_it_needs():
    with pytest.raises(OSError, match=r"^The part needs nothing_of_this_name\.$"):
        require_packages("torch", "nothing_of_this_name", otherwise="The part needs nothing_of_this_name.")
    require_packages("torch", "monai", otherwise="never said")


def test_modules_that_are_programs_say_what_to_do_if_their_packages_are_missing():
    for words in (["-m", "custom.bundle"], ["-m", "custom", "train"]):
        process = subprocess.run(
            [sys.executable, "-S", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        assert process.returncode == 1
        (line,) = process.stderr.splitlines()
        assert " does not have the project's packages; run `" in line
    words = [sys.executable, "-S", "-m", "deploy", "-i", "in"]
    process = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    (line,) = process.stderr.splitlines()
    assert process.returncode == 1
    assert " does not have the application's packages: run `bash " in line


def test_an_interruption_while_a_script_starts_is_said_in_one_line():
    before = """
import sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name in ("numpy", "torch", "filelock", "mlflow", "PIL"):
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
"""
    process = run_all(ARGUMENTS, before=before)
    begun = [name for name in SCRIPTS if name not in OPTIONAL]
    answers = [line for line in process.stdout.splitlines() if line.split()[0] in begun]
    assert answers == [f"{name} 130" for name in begun], process.stderr
    lines = [line for line in process.stderr.splitlines() if line.endswith("start the same command again.")]
    assert [line for line in lines if line.split(".py")[0] in begun] == [
        f"{name}.py: interrupted; start the same command again." for name in begun
    ]


def imported(statement):
    program = f"import sys\ntry:\n    {statement}\nexcept BaseException:\n    pass\nprint(*sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(process.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "statement",
    [
        "import custom.cli",
        "import custom.files",
        "import custom.runs",
        "import custom.cli.verbs",
        "from custom.cli.verbs import main; main(['--help'])",
        "from custom.cli.verbs import main; main(['train', '--help'])",
        "from custom.cli.verbs import main; main(['trian'])",
        "from custom.cli.bundle import run_bundle; "
        "run_bundle(['run', 'training', '--config_file', 'bundle/configs/train.json', '--metod', 'at'])",
        "from custom.cli.bundle import run_bundle; "
        "run_bundle(['run', 'training', '--config_file', 'bundle/configs/train.json', '--batch_size', '0'])",
    ],
)
def test_nothing_heavy_is_imported_for_an_answer(statement):
    assert imported(statement) & HEAVY == set()


def test_a_readable_error_needs_one_package_of_the_project():
    modules = imported("from custom.cli import readable_errors")
    beside = {name for name in modules if name.startswith("custom.") and not name.startswith("custom.cli")}
    assert beside <= {"custom.plain_config"}  # json and pathlib


@pytest.mark.parametrize("order", ["import custom, mlflow", "import mlflow, custom"])
def test_mlflow_reports_nothing_to_its_makers(order, monkeypatch):
    # On the machines of tests MLflow switches it off by itself.
    for name in (
        "PYTEST_CURRENT_TEST",
        "CI",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "MLFLOW_DISABLE_TELEMETRY",
        "DO_NOT_TRACK",
    ):
        monkeypatch.delenv(name, raising=False)
    program = f"{order}\nfrom mlflow.telemetry import get_telemetry_client\nprint(get_telemetry_client())"
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert process.stdout.splitlines()[-1] == "None"


def test_the_signature_that_fire_sees_is_monais():
    import inspect

    from monai.bundle import run

    from custom.cli.command_line import _recorder

    assert list(inspect.signature(_recorder({})).parameters) == list(inspect.signature(run).parameters)
