import resource
import subprocess
import sys

import pytest

from custom.acceleration.cpu import allocator

# The page faults of taking and freeing 40 MB ten times, after doing so often enough for the heap to settle.
COUNT = """
import resource, sys, torch
from custom.acceleration.cpu.allocator import freed_memory_kept, keep_freed_memory, release_freed_memory

def faults():
    for _ in range(10):
        torch.ones(10_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(10_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

usual = faults()
with freed_memory_kept():
    inside = faults()
assert keep_freed_memory()
kept = faults()
assert release_freed_memory()
print(usual, inside, kept)
"""


def test_large_tensors_find_freed_memory_while_it_is_kept():
    if not allocator.release_freed_memory():
        pytest.skip("the C library is not glibc")
    answer = subprocess.run([sys.executable, "-c", COUNT], check=True, capture_output=True, text=True)
    usual, inside, kept = map(int, answer.stdout.split())
    # Kept, next to nothing has to be faulted in. Otherwise all pages are, or all huge pages where there are such.
    pages = 10 * 40_000_000 // resource.getpagesize()
    assert max(inside, kept) < 0.0001 * pages
    assert usual > 0.001 * pages


def test_freed_memory_goes_back_also_after_an_error(monkeypatch):
    calls = []
    monkeypatch.setattr(allocator, "_set", lambda parameters: calls.append(parameters) or True)
    with pytest.raises(RuntimeError), allocator.freed_memory_kept():
        raise RuntimeError
    assert calls == [allocator.KEEP, allocator.USUAL]


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocator.platform, "libc_ver", lambda: ("", ""))
    assert not allocator.keep_freed_memory()
    assert not allocator.release_freed_memory()
