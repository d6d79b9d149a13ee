"""One place for run-time versions: pip, conda and the environment in use agree."""

import ast
import importlib.metadata
import re
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)")
NAMES = ("", "-export", "-dev", "-oracles", "-explorer", "-notebooks")
FILES = tuple(f"requirements{name}.txt" for name in NAMES)


def lines(name):
    stripped = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in stripped if line]


def pins(name):
    return dict(PINNED.fullmatch(line).groups() for line in lines(name) if not line.startswith("-r "))


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned(name):
    loose = [line for line in lines(name) if not (PINNED.fullmatch(line) or line.startswith("-r "))]
    assert not loose


def test_no_package_is_pinned_twice():
    names = [package.lower() for name in FILES for package in pins(name)]
    assert len(names) == len(set(names))


def test_conda_takes_its_packages_from_the_same_file():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert pip == {"pip": ["-r requirements.txt"]}
    names = {re.split(r"[=<>]", package)[0] for package in conda}
    # Beside these conda would bring versions of its own.
    assert names == {"python", "pip"}
    (python,) = (package for package in conda if package.startswith("python"))
    assert python in ("python=3.11", "python=3.12", "python=3.13")


@pytest.mark.parametrize("name", FILES)
def test_the_environment_in_use_has_these_versions(name):
    installed = {package: importlib.metadata.version(package).split("+")[0] for package in pins(name)}
    assert installed == pins(name)


def required(packages):
    """The packages and all that they bring along; and those of them whose installed version they do not accept."""
    found, queue, unmet = set(), [canonicalize_name(package) for package in packages], set()
    while queue:
        found.add(package := queue.pop())
        for line in importlib.metadata.requires(package) or []:
            needed = Requirement(line)
            name = canonicalize_name(needed.name)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                unmet |= set() if needed.specifier.contains(importlib.metadata.version(name)) else {name}
                queue += [] if name in found else [name]
    return found, unmet


def test_the_explorer_lists_all_that_gradio_brings_along():
    explorer, unmet = required(pins("requirements-explorer.txt"))
    training, _ = required(pins("requirements.txt"))
    listed = {canonicalize_name(package) for package in pins("requirements-explorer.txt")}
    assert explorer - training <= listed
    # The reason for --no-deps.
    assert unmet == {"pillow"}


def test_requirements_of_the_tests_begin_with_those_of_training():
    assert "-r requirements.txt" in lines("requirements-dev.txt")


def imported(*folders):
    """Top-level names of what the code of some folders imports, other than the standard library and itself."""
    names = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module)
            elif isinstance(node, ast.Call) and getattr(node.func, "id", None) == "optional_import":
                names |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    own = {"custom", "deploy", "scripts", "benchmarks", "tests"}
    return {name.partition(".")[0] for name in names} - own - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("folders", "files"),
    [
        (["custom", "scripts"], sorted(path.name for path in ROOT.glob("requirements*.txt"))),
        (["deploy"], ["deploy/requirements.txt"]),
    ],
)
def test_every_import_is_declared(folders, files):
    declared = {line.partition("==")[0].lower() for name in files for line in lines(name)}
    distributions = importlib.metadata.packages_distributions()
    # Packages of the application's own environment are not installed here; they are named as they are imported.
    known = {"highdicom": ["highdicom"], "holoscan_cli": ["holoscan-cli"], "monai": ["monai"]} | distributions
    missing = {name for name in imported(*folders) if not {d.lower() for d in known.get(name, [name])} & declared}
    assert not missing
