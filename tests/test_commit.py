import shutil
import subprocess

import pytest

from custom import versions
from custom.versions import present_commit


def git(*arguments, folder):
    author = ["-c", "user.name=one", "-c", "user.email=one@example.org"]
    return subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no Git")
def test_names_the_commit_and_says_where_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert present_commit() == "unknown"
    git("init", folder=tmp_path)
    git("commit", "--allow-empty", "--message", "first", folder=tmp_path)
    found = present_commit()
    assert len(found) >= 7
    assert git("rev-parse", "HEAD", folder=tmp_path).startswith(found)


def test_without_git_it_is_unknown(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert present_commit() == "unknown"
