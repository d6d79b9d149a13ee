"""Commands of the how-to pages are taken by the scripts that they call, and links lead to files."""

import re
import shlex
from pathlib import Path

import pytest

from scripts.prepare import build_options, build_parser

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
COMMANDS = [
    (page.name, line)
    for page in PAGES
    for block in re.findall(r"```bash\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("python scripts/prepare.py")
]


def test_there_are_commands():
    assert len(COMMANDS) > 12


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_prepare_takes_what_the_pages_say(page, command, tmp_path, monkeypatch):
    options = build_parser().parse_args(shlex.split(command)[2:])
    monkeypatch.chdir(tmp_path)
    for path in options.paths:
        path.mkdir()
    assert build_options(options, options.output).output == options.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).is_file()
