from collections import Counter

import torch

from custom.data.balanced_sampler import balanced_sampler


def test_rare_classes_are_drawn_as_often_as_frequent_ones():
    torch.manual_seed(0)
    items = [{"label": 0}] * 1900 + [{"label": 1}] * 100
    drawn = Counter(items[index]["label"] for index in balanced_sampler(items))
    assert sum(drawn.values()) == 2000
    assert abs(drawn[1] - 1000) < 100  # four standard deviations are 90


def test_a_seed_repeats_the_draw():
    items = [{"label": index % 3} for index in range(30)]
    draws = []
    for _ in range(2):
        torch.manual_seed(3)
        draws.append(list(balanced_sampler(items)))
    assert draws[0] == draws[1]
