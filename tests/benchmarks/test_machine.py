import torch

from benchmarks import machine
from benchmarks.machine import describe_machine, processor_name


def test_versions_and_processor_are_named():
    found = describe_machine(torch.device("cpu"))
    assert found["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert found["threads"] == torch.get_num_threads()
    assert found["device"] == "cpu"
    assert processor_name()


def test_record_says_whether_bfloat16_is_in_hardware(monkeypatch):
    for present, words in ((True, "in hardware"), (False, "not in hardware")):
        monkeypatch.setattr(machine, "has_hardware", lambda dtype, device, present=present: present)
        assert describe_machine(torch.device("cpu"))["bfloat16"] == words
