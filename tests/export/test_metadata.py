"""The repository's metadata, from which that of a bundle is made."""

import importlib.metadata
import json
import re

import pytest


@pytest.fixture
def metadata(root):
    return json.loads((root / "bundle" / "configs" / "metadata.json").read_text())


def pins(path):
    return dict(re.findall(r"^([\w-]+)==(\S+)", path.read_text(), re.MULTILINE))


def test_required_packages_are_the_requirements(metadata, root):
    named = {
        "monai": metadata["monai_version"],
        "torch": metadata["pytorch_version"],
        "numpy": metadata["numpy_version"],
    }
    assert {**named, **metadata["required_packages_version"]} == pins(root / "requirements.txt")


def test_packages_for_other_formats_are_those_of_the_export(metadata, root):
    assert metadata["export_packages_version"] == pins(root / "requirements-export.txt")
    for package, version in metadata["export_packages_version"].items():
        assert importlib.metadata.version(package) == version
