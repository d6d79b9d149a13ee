"""What a mistyped command imports before it is answered."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "monai", "mlflow", "ignite", "numpy", "matplotlib", "sklearn", "scipy", "pandas"}


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
    assert {name for name in modules if name.startswith("custom.") and not name.startswith("custom.cli")} == set()


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
