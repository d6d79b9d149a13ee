import pytest

from .commands import ROOT


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("MONAI_DEBUG", raising=False)
