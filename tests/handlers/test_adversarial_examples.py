from types import SimpleNamespace

import pytest
import torch
from monai.data import MetaTensor
from monai.engines import PrepareBatchExtraInput, SupervisedEvaluator

from custom.attacks import FGSM, PGD, perturbation_norm
from custom.handlers import AdversarialExamples
from custom.inferers import AdversarialInferer

CPU = torch.device("cpu")


@pytest.fixture
def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.BatchNorm1d(12), torch.nn.Linear(12, 3))


def run(network, attack, images, labels):
    outputs, batches = [], [{"image": images, "label": labels}]
    evaluator = SupervisedEvaluator(
        CPU,
        batches,
        network,
        epoch_length=1,
        inferer=AdversarialInferer(),
        prepare_batch=PrepareBatchExtraInput({"image_adv": "image_adv"}),
        val_handlers=[AdversarialExamples(attack)],
        decollate=False,
    )
    evaluator.add_event_handler("ITERATION_COMPLETED", lambda engine: outputs.append(engine.state.output["pred"]))
    evaluator.run()
    return SimpleNamespace(batch=batches[0], logits=outputs[0], state=evaluator.state)


def test_a_stock_evaluator_sees_the_clean_and_the_attacked_images(network):
    images, labels = MetaTensor(torch.rand(4, 3, 2, 2)), torch.tensor([0, 1, 2, 0])
    attack = FGSM(epsilon=0.1)
    found = run(network, attack, images, labels)
    expected = attack(network, images, labels)
    assert torch.equal(found.batch["image_adv"], expected)
    with torch.no_grad():
        torch.testing.assert_close(found.logits.clean, network.eval()(images.as_tensor()))
        torch.testing.assert_close(found.logits.adversarial, network(expected))


def test_the_norms_are_noted(network):
    images, labels = torch.rand(4, 3, 2, 2), torch.tensor([0, 1, 2, 0])
    found = run(network, PGD(epsilon=0.3, step_size=0.15, steps=3, norm="l2"), images, labels)
    norm = perturbation_norm(found.batch["image_adv"] - images)
    assert torch.equal(found.state.adversarial["norm"].values, norm)
    assert (norm <= 0.3 + 1e-6).all()
