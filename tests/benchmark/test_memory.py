import pytest
import torch

from custom.benchmark import memory
from custom.benchmark.memory import peak_memory


def test_peak_counts_what_is_gone_at_the_end():
    size = 200_000_000

    def call():
        torch.ones(size // 4).max()

    found = peak_memory(call, torch.device("cpu"))
    if found is None:
        pytest.skip("the system does not tell the peak of a process's memory")
    assert 0.9 * size < found < 1.6 * size
    assert peak_memory(lambda: None, torch.device("cpu")) < 0.1 * size


def test_none_where_the_system_does_not_tell(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CLEAR", tmp_path / "missing" / "clear_refs")
    assert peak_memory(lambda: None, torch.device("cpu")) is None
