import pytest
import torch
from torch import nn

from custom.acceleration.autocast import call_in, checked_dtype, has_hardware


@pytest.mark.parametrize(("dtype", "question"), [("bfloat16", "bf16"), ("float16", "fp16")])
@pytest.mark.parametrize("present", [True, False])
def test_the_processor_is_asked(monkeypatch, dtype, question, present):
    monkeypatch.setattr(torch.ops.mkldnn, f"_is_mkldnn_{question}_supported", lambda: present)
    assert has_hardware(getattr(torch, dtype), torch.device("cpu")) is present


def test_a_network_is_called_in_16_bits_and_answers_in_32():
    inside = []
    network = nn.Sequential(nn.Linear(3, 2))
    network[0].register_forward_hook(lambda module, inputs, output: inside.append(output.dtype))
    logits = call_in(torch.bfloat16, network, torch.rand(4, 3))
    assert inside == [torch.bfloat16]
    assert logits.dtype == torch.float32
    logits.sum().backward()
    assert network[0].weight.grad.dtype == torch.float32


def test_unknown_dtype_is_named():
    assert checked_dtype("float16") is torch.float16
    with pytest.raises(ValueError, match="Unknown dtype 'int8'; use one of bfloat16, float16"):
        checked_dtype("int8")
