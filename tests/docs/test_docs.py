"""The documentation's links lead somewhere, and its code runs."""

import importlib
import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from custom.attacks import PGD, Attack, perturbation_norm
from custom.cli import CommandLine
from custom.methods import create_method
from tests.docs.commands import blocks, check_command, commands

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"])
RUN = [ROOT / "docs" / "how-to" / f"add-a-{name}.md" for name in ("method", "backbone", "data-set")]
RUN.append(ROOT / "docs" / "how-to" / "add-an-attack.md")
COMMAND_PAGES = [page for page in PAGES if commands(page.read_text(encoding="utf-8"))]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Import the Python code of a page as a module."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)

    def load(page: Path):
        name = f"page_{page.stem.replace('-', '_')}"
        (tmp_path / f"{name}.py").write_text("\n\n".join(blocks(page.read_text(encoding="utf-8"), "python")))
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return load


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_files(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]


def test_the_index_has_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"]
    assert not [page for page in pages if f"({page.as_posix()})" not in index]


@pytest.mark.parametrize("page", RUN, ids=named)
def test_code_of_a_guide_runs(page, module):
    assert blocks(page.read_text(encoding="utf-8"), "python")
    module(page)


@pytest.mark.parametrize("page", COMMAND_PAGES, ids=named)
def test_commands_take_their_options(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    for command in commands(page.read_text(encoding="utf-8")):
        check_command(command)


def test_keys_of_the_open_points_are_in_the_configs(monkeypatch):
    monkeypatch.chdir(ROOT)
    table = (ROOT / "docs" / "explanation" / "open-points.md").read_text(encoding="utf-8")
    keys = {key for row in table.splitlines() for key in re.findall(r"`([a-z_]+)`", row.rpartition(" | ")[2])}
    values = {"attack", "continue", "rescale", "normalized", "sign", "evaluation", "training"}
    values |= {"square", "true", "false", "constant"}
    # An option of AMAT, and a part of the transforms.
    values |= {"stop_at_xi", "random_transforms"}
    parser = CommandLine(("bundle/configs/train.json", "bundle/configs/evaluate.json")).parser()
    assert len(keys - values) > 15
    assert not [key for key in keys - values if key not in parser]
    assert "random_transforms" in parser["train"]
    assert "stop_at_xi" in create_method("amat", PGD(epsilon=0.3, steps=7), xi=1.0).hyperparameters


def test_the_reference_of_the_configs_is_that_of_today():
    spec = importlib.util.spec_from_file_location("configuration", ROOT / "docs" / "reference" / "configuration.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.PAGE.read_text(encoding="utf-8")
    assert page == module.updated(page), "Run `python docs/reference/configuration.py`, and fill in what is empty."
    assert not re.findall(r"^\| (`.*`) .*\|\s*\|$", page, re.MULTILINE), "These keys have no meaning."


def network() -> nn.Module:
    """Class 0 for dark images, class 1 for bright ones."""
    layers = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    with torch.no_grad():
        layers[1].weight.copy_(torch.tensor([[-1.0], [1.0]]).expand(2, 4))
        layers[1].bias.copy_(torch.tensor([4.0, 0.0]))
    return layers


def test_the_guides_method_has_its_radii(module):
    page = module(ROOT / "docs" / "how-to" / "add-a-method.md")
    method = create_method(f"{page.__name__}.Careful", PGD(epsilon=0.2, step_size=0.1, steps=4), shrink=0.25)
    images = torch.full((2, 1, 2, 2), 0.25)
    # Both are dark: the first is classified correctly, the second is not.
    examples = method.perturb(None, network(), images, torch.tensor([0, 1]))
    norms = perturbation_norm(examples.images_adv - images)
    torch.testing.assert_close(norms, torch.tensor([0.2, 0.05]), rtol=0, atol=1e-6)
    assert (method.loss.alpha, method.hyperparameters["shrink"]) == (0.5, 0.25)


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_the_guides_attack_reaches_its_sphere(module, norm):
    attack = module(ROOT / "docs" / "how-to" / "add-an-attack.md").GaussianNoise(epsilon=0.1, norm=norm)
    assert isinstance(attack, Attack)
    images = torch.full((2, 1, 2, 2), 0.5)
    found = attack(network(), images, torch.tensor([0, 1]))
    norms = perturbation_norm(found - images, norm)
    torch.testing.assert_close(norms, torch.full((2,), 0.1), rtol=0, atol=1e-6)


def test_json_of_the_guides_is_json():
    found = [json.loads(block) for page in RUN for block in blocks(page.read_text(encoding="utf-8"), "json")]
    assert {key for block in found for key in block} == {"network_def", "attack_table#noise"}


def test_citation_has_what_the_format_asks_for():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    metadata = json.loads((ROOT / "bundle" / "configs" / "metadata.json").read_text(encoding="utf-8"))
    assert citation["version"] == metadata["version"]
