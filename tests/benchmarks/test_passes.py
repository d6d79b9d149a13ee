import torch
from torch import nn

from benchmarks.passes import Pass, RecordPasses, attack_floor, training_pass
from benchmarks.problem import Problem
from custom.attacks import PGD


class Recorded(nn.Module):
    """Records how many samples pass, and whether they need gradients."""

    def __init__(self):
        super().__init__()
        self.linear, self.seen = nn.Linear(12, 3), []

    def forward(self, images):
        self.seen.append(Pass(len(images), images.requires_grad))
        return self.linear(images.flatten(1))


def test_passes_are_noted_and_done_again():
    problem = Problem(Recorded(), torch.rand(4, 3, 2, 2), torch.tensor([0, 1, 2, 0]))
    recorder = RecordPasses()
    attack = PGD(epsilon=0.3, steps=3, step_size=0.15, accelerations=[recorder])
    first = attack.run(problem.network, problem.images, problem.labels)
    attack.cross_entropy(problem.network, first.images_adv, problem.labels)
    attack.run(problem.network, problem.images, problem.labels, 0.05, reuse=first)
    # Three gradients, one loss, and two more gradients: the one at x is shared.
    expected = [Pass(4, True)] * 3 + [Pass(4, False)] + [Pass(4, True)] * 2
    assert recorder.passes == expected
    problem.network.seen.clear()
    attack_floor(recorder.passes, problem, "none")()
    assert problem.network.seen == expected
    assert all(parameter.grad is None for parameter in problem.network.parameters())


def test_training_pass_fills_the_gradients_of_as_many_samples():
    problem = Problem(Recorded(), torch.rand(4, 3, 2, 2), torch.tensor([0, 1, 2, 0]))
    training_pass(problem, 8)
    assert problem.network.seen == [Pass(8, False)]
    assert problem.network.linear.weight.grad is not None
