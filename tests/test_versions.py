"""One place for run-time versions: pip, conda and the environment in use agree."""

import importlib.metadata
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)")
FILES = ("requirements.txt", "requirements-export.txt", "requirements-dev.txt", "requirements-oracles.txt")


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


def test_requirements_of_the_tests_begin_with_those_of_training():
    assert "-r requirements.txt" in lines("requirements-dev.txt")
