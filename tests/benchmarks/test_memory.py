import pytest
import torch

from benchmarks import memory
from benchmarks.memory import peak_memory, tensor_memory


def test_peak_counts_what_is_freed_before_the_end():
    size = 200_000_000

    def call():
        return torch.ones(size // 4).max().item()

    found, answer = peak_memory(call, torch.device("cpu"))
    assert answer == 1.0
    if found is None:
        pytest.skip("the system does not provide the peak of a process's memory")
    assert 0.9 * size < found < 1.6 * size
    assert peak_memory(lambda: None, torch.device("cpu"))[0] < 0.1 * size


def test_none_if_the_system_does_not_provide_it(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CLEAR", tmp_path / "missing" / "clear_refs")
    assert peak_memory(lambda: 7, torch.device("cpu")) == (None, 7)


def test_tensors_are_counted_to_the_byte():
    kept = torch.ones(1000)

    def call():
        first = torch.empty(250_000)  # 1 MB
        del first
        second, third = torch.empty(500_000), torch.empty(500_000)  # 2 MB each
        return kept.clone(), second, third

    assert tensor_memory(call, torch.device("cpu")) == 4_000_000 + 4000
