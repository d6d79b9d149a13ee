import pytest
import torch
from torch import nn

from custom.attacks import PGD, LossReached, Misclassified, perturbation_norm


class Counting(nn.Module):
    """Counts the samples that pass forward."""

    def __init__(self, network):
        super().__init__()
        self.network, self.samples = network, 0

    def forward(self, images):
        self.samples += len(images)
        return self.network(images)


def linear():
    """Logits (0, 10 (x - 0.5)): the loss of label 0 is log(1 + exp(10 (x - 0.5))), and x = 0.5 is the boundary."""
    network = nn.Linear(1, 2)
    network.weight.data, network.bias.data = torch.tensor([[0.0], [10.0]]), torch.tensor([0.0, -5.0])
    return network


# Four samples, from far inside their class to beyond the boundary; steps of 0.1 to the right.
IMAGES, LABELS = torch.tensor([[0.05], [0.32], [0.45], [0.6]]), torch.zeros(4, dtype=torch.long)
OPTIONS = {"epsilon": 0.3, "steps": 4, "step_size": 0.1}


def test_misclassified_stops_at_the_first_iterate_beyond_the_boundary():
    found = PGD(stop=Misclassified(), **OPTIONS)(linear(), IMAGES, LABELS)
    # The first never arrives and ends on the sphere; the last is misclassified as it is.
    torch.testing.assert_close(found, torch.tensor([[0.35], [0.52], [0.55], [0.6]]))


def test_tau_passes_over_misclassified_iterates():
    found = PGD(stop=Misclassified(1), **OPTIONS)(linear(), IMAGES, LABELS)
    torch.testing.assert_close(found, torch.tensor([[0.35], [0.62], [0.65], [0.7]]))
    found = PGD(stop=Misclassified(9), **OPTIONS)(linear(), IMAGES, LABELS)
    torch.testing.assert_close(found, PGD(**OPTIONS)(linear(), IMAGES, LABELS))


def test_loss_reached_is_the_first_iterate_of_that_loss():
    # log(1 + exp(10 (x - 0.5))) is log 2 = 0.693 at 0.5 and 0.313 at 0.4: a threshold of 0.4 lies at x = 0.429.
    found = PGD(stop=LossReached(0.4), **OPTIONS)(linear(), IMAGES, LABELS)
    torch.testing.assert_close(found, torch.tensor([[0.35], [0.52], [0.45], [0.6]]))
    norm = perturbation_norm(found - IMAGES)
    torch.testing.assert_close(norm, torch.tensor([0.3, 0.2, 0.0, 0.0]))


def test_radii_per_sample_and_iterates_are_those_of_the_plain_attack(network, images, labels):
    radii = torch.linspace(0.05, 0.6, 6)
    threshold = 1.0
    plain = PGD(epsilon=0.3, steps=7, step_size=0.15)
    stopped = PGD(epsilon=0.3, steps=7, step_size=0.15, stop=LossReached(threshold))
    found = stopped(network, images, labels, radii)
    # All iterates of each sample, the last one included.
    iterates = [images]
    for steps in range(1, 8):
        shorter = PGD(epsilon=0.15, steps=steps, step_size=0.15)
        iterates.append(shorter(network, images, labels, radii))
    torch.testing.assert_close(iterates[-1], plain(network, images, labels, radii))
    for i in range(6):
        path = torch.stack([iterate[i] for iterate in iterates])
        losses = plain.cross_entropy(network, path, labels[i].repeat(8))
        reached = (losses >= threshold).nonzero()
        first = int(reached[0]) if len(reached) else 7
        torch.testing.assert_close(found[i], path[first], rtol=0, atol=1e-6)


def test_the_loop_ends_once_all_have_stopped_and_stopped_samples_leave_the_batch(network):
    counting = Counting(linear())
    PGD(stop=Misclassified(), epsilon=0.3, steps=50, step_size=0.1)(counting, IMAGES[1:3], LABELS[1:3])
    assert counting.samples == 2 * 3
    # Of 32 samples 30 stop at once; the other two are padded to eight.
    images = torch.full((32, 1), 0.6)
    images[[3, 20]] = 0.05
    counting.samples = 0
    found = PGD(stop=Misclassified(), **OPTIONS)(counting, images, torch.zeros(32, dtype=torch.long))
    assert counting.samples == 32 + 3 * 8
    expected = images.clone()
    expected[[3, 20]] = 0.35
    torch.testing.assert_close(found, expected)


def test_in_training_mode_the_batch_stays_together(network, images, labels):
    network[5].p = 0.0
    counting = Counting(network)
    stop = LossReached(1.0)
    PGD(stop=stop, batch_norm="training", epsilon=0.3, steps=7, step_size=0.15)(counting, images, labels)
    assert counting.samples % len(images) == 0


def test_runs_without_a_path(network, images, labels):
    attack = PGD(epsilon=0.3, steps=7, step_size=0.15, stop=Misclassified())
    path = attack.run(network, images, labels)
    assert torch.equal(path.images_adv, attack(network, images, labels))
    torch.testing.assert_close(path.loss_clean, attack.cross_entropy(network, images, labels))


def test_bad_criteria_are_one_sentence():
    with pytest.raises(ValueError, match="threshold of the loss must be a finite number, not nan"):
        LossReached(float("nan"))
    for tau in (-1, 1.5):
        with pytest.raises(ValueError, match=f"tau must be a whole number >= 0, not {tau}"):
            Misclassified(tau)
