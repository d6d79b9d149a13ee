import pytest
import torch

from custom.attacks import PGD
from custom.attacks.trajectory import Trajectory

RADII = torch.tensor([0.0, 0.1, 0.3, 0.35, 0.45, 0.6])


class Counting(torch.nn.Module):
    """Counts the samples that pass forward."""

    def __init__(self, network):
        super().__init__()
        self.network, self.samples = network, 0

    def forward(self, images):
        self.samples += len(images)
        return self.network(images)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("step_size", [0.15, None])
def test_reuse_changes_nothing(network, images, labels, norm, step_size, targeted):
    attack = PGD(epsilon=0.3, steps=7, step_size=step_size, norm=norm, targeted=targeted)
    first = attack.run(network, images, labels)
    assert torch.equal(first.images_adv, attack(network, images, labels))
    second = attack.run(network, images, labels, RADII, reuse=first)
    torch.testing.assert_close(second.images_adv, attack(network, images, labels, RADII), rtol=0, atol=1e-6)
    torch.testing.assert_close(second.loss_clean, attack.cross_entropy(network, images, labels))


def test_reuse_asks_only_for_what_differs(network, images, labels):
    counting = Counting(network)
    attack = PGD(epsilon=0.3, steps=7, step_size=0.15)
    first = attack.run(counting, images, labels)
    assert counting.samples == 7 * 6
    # The same radius walks the same path, for as far as the path was kept.
    counting.samples = 0
    attack.run(counting, images, labels, reuse=first)
    assert counting.samples == (7 - len(first.losses)) * 6
    # Radii below one step part after the gradient at x, radii of two steps and more after two gradients.
    for radius, shared in ((0.1, 1), (0.6, 2)):
        counting.samples = 0
        attack.run(counting, images, labels, radius, reuse=first)
        assert counting.samples <= (7 - shared) * 6


def test_path_is_kept_only_until_all_have_been_projected(network, images, labels):
    assert len(PGD(epsilon=0.1, steps=20, step_size=0.15).run(network, images, labels).iterates) == 1
    far = torch.full((6,), 9.0)
    assert len(PGD(epsilon=0.3, steps=5, step_size=0.15).run(network, images, labels, far).iterates) == 5


def test_no_reuse_where_it_would_not_be_valid(network, images, labels):
    attack = PGD(epsilon=0.3, steps=3, step_size=0.15, batch_norm="training")
    network[5].p = 0.0
    first = attack.run(network, images, labels)
    again = attack.run(network, images, labels, RADII, reuse=first)
    torch.testing.assert_close(again.images_adv, attack(network, images, labels, RADII))
    started = PGD(epsilon=0.3, steps=3, random_start=True)
    path = started.run(network, images, labels)
    torch.testing.assert_close(path.loss_clean, started.cross_entropy(network, images, labels))


def test_other_images_take_nothing_from_a_path(network, images, labels):
    attack = PGD(epsilon=0.3, steps=3, step_size=0.15)
    path = attack.run(network, images, labels)
    other = attack.run(network, 1 - images, labels, reuse=path)
    torch.testing.assert_close(other.images_adv, attack(network, 1 - images, labels))
    torch.testing.assert_close(other.loss_clean, attack.cross_entropy(network, 1 - images, labels))


def test_the_layout_in_memory_is_kept(network, images, labels):
    attack, laid_out = PGD(epsilon=0.3, steps=3, step_size=0.15), images.contiguous(memory_format=torch.channels_last)
    first = attack.run(network, laid_out, labels)
    other = laid_out.clone()
    other[1] = 0.5
    _, gradient = first.lookup(0, other, labels, lambda images, labels: (labels.float(), images * 2))
    assert gradient.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(gradient[1], other[1] * 2)
    assert torch.equal(gradient[0], first.gradients[0][0])


@pytest.mark.parametrize(("off", "asked"), [([], 0), ([19], 8), ([1, 4, 9], 8), (list(range(9)), 16), (range(17), 20)])
def test_batches_come_in_few_sizes_and_only_those_off_the_path_change(off, asked):
    images, labels, sizes = torch.rand(20, 3, 2, 2), torch.arange(20), []
    path = Trajectory()
    path.append(images, torch.zeros(20), torch.zeros_like(images))
    moved = images.clone()
    moved[list(off)] += 1

    def compute(images, labels):
        sizes.append(len(images))
        return labels + 1.0, images

    loss, gradient = path.lookup(0, moved, labels, compute)
    assert sum(sizes) == asked
    at = torch.zeros(20, dtype=torch.bool)
    at[list(off)] = True
    assert torch.equal(loss, torch.where(at, labels + 1.0, 0.0))
    assert torch.equal(gradient, torch.where(at.view(-1, 1, 1, 1), moved, 0.0))
