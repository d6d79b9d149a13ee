import gc
import weakref

import pytest
from torch import nn

from custom.acceleration.network_cache import NetworkCache


@pytest.fixture
def made():
    return []


@pytest.fixture
def get(made):
    kept = NetworkCache()

    def get(network, parts, what="copy"):
        def make():
            made.append(what)
            return what

        return kept.get(network, parts, make)

    return get


@pytest.mark.parametrize("what", ["copy", None])
def test_made_once_even_where_there_is_nothing_to_make(get, made, what):
    network = nn.Linear(1, 1)
    assert get(network, network.parameters(), what) == get(network, network.parameters(), what) == what
    assert made == [what]


def test_made_again_for_other_parts_and_other_networks(get, made):
    network = nn.Linear(1, 1)
    get(network, [network.weight, network.bias])
    network.bias = nn.Parameter(network.bias.detach())
    assert get(network, [network.weight, network.bias], "again") == "again"
    assert get(nn.Linear(1, 1), [], "other") == "other"
    assert made == ["copy", "again", "other"]


def test_networks_are_not_kept_alive(get):
    network = nn.Linear(1, 1)
    get(network, network.parameters())
    reference = weakref.ref(network)
    del network
    gc.collect()
    assert reference() is None
