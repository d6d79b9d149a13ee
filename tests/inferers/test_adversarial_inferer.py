import pytest
import torch
from torch import nn

from custom.inferers import AdversarialInferer, adversarial_inferer

NETWORK = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
CLEAN, ADVERSARIAL = torch.rand(2, 2, 3, 2, 2)


def test_both_halves():
    logits = AdversarialInferer()(CLEAN, NETWORK, image_adv=ADVERSARIAL)
    torch.testing.assert_close(logits.clean, NETWORK(CLEAN))
    torch.testing.assert_close(logits.adversarial, NETWORK(ADVERSARIAL))


def test_clean_alone_and_adversarial_alone():
    logits = AdversarialInferer()(CLEAN, NETWORK)
    assert torch.equal(logits.clean, NETWORK(CLEAN))
    assert logits.adversarial is None
    logits = AdversarialInferer(clean=False)(CLEAN, NETWORK, image_adv=ADVERSARIAL)
    assert logits.clean is None
    assert torch.equal(logits.adversarial, NETWORK(ADVERSARIAL))


def test_batch_norm_sees_the_two_together_in_one_pass():
    norm = nn.BatchNorm2d(3, momentum=1.0)
    AdversarialInferer()(CLEAN, nn.Sequential(norm, nn.Flatten()), image_adv=ADVERSARIAL)
    assert norm.num_batches_tracked == 1
    torch.testing.assert_close(norm.running_mean, torch.cat([CLEAN, ADVERSARIAL]).mean((0, 2, 3)))


@pytest.mark.parametrize(("hardware", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_16_bits_where_there_is_hardware_and_logits_in_32(monkeypatch, hardware, dtype):
    monkeypatch.setattr(adversarial_inferer, "has_hardware", lambda dtype, device: hardware)
    inside = []

    def network(images):
        values = NETWORK(images)
        inside.append(values.dtype)
        return values

    for inferer in (AdversarialInferer(autocast="bfloat16"), AdversarialInferer(clean=False, autocast="bfloat16")):
        logits = inferer(CLEAN, network, image_adv=ADVERSARIAL)
        assert logits.adversarial.dtype == torch.float32
        torch.testing.assert_close(logits.adversarial, NETWORK(ADVERSARIAL), rtol=0, atol=0.02)
    assert inside == [dtype] * 2


def test_unknown_dtype_is_named():
    with pytest.raises(ValueError, match="Unknown dtype 'int8'; use one of bfloat16, float16"):
        AdversarialInferer(autocast="int8")
