import torch

from custom.benchmark.machine import describe_machine, processor_name


def test_versions_and_processor_are_named():
    found = describe_machine(torch.device("cpu"))
    assert found["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert found["threads"] == torch.get_num_threads()
    assert found["device"] == "cpu"
    assert processor_name()
