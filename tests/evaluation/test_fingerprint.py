import hashlib
import json

import pytest
import torch

from custom.attacks import FGSM, PGD, AttackEnsemble
from custom.attacks.square import SquareAttack
from custom.evaluation import TransferAttack, describe_attack, file_hash, fingerprint, network_hash


def test_file_hash(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert file_hash(tmp_path / "file") == hashlib.sha256(b"abc").hexdigest()


def test_network_hash_follows_weights_and_buffers():
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    hashes = [network_hash(network)]
    assert network_hash(network) == hashes[0]
    network[1].running_mean += 1e-6
    hashes.append(network_hash(network))
    network[0].weight.data[0, 0, 0, 0] += 1e-6
    assert len({*hashes, network_hash(network)}) == 3


@pytest.mark.parametrize(
    "attack",
    [
        FGSM(epsilon=0.1),
        PGD(epsilon=0.3, steps=20, step_size=0.15, norm="l2"),
        SquareAttack(epsilon=0.3, num_classes=3, square_queries=7),
        TransferAttack(FGSM(epsilon=0.1), torch.nn.Linear(2, 2)),
    ],
    ids=lambda attack: type(attack).__name__,
)
def test_attacks_are_described_in_json(attack):
    description = json.loads(json.dumps(describe_attack(attack)))
    assert description["epsilon"] == attack.epsilon
    assert description["norm"] == attack.norm
    assert description == describe_attack(attack)


def test_helpers_of_an_attack_are_named_by_their_class():
    attack = FGSM(epsilon=0.1)
    attack.helpers = [torch.nn.Identity(), 3]
    assert describe_attack(attack)["helpers"] == ["Identity", 3]


def test_attacks_inside_an_attack_are_described_too():
    steps = [
        describe_attack(AttackEnsemble([PGD(epsilon=0.3, steps=steps)]))["attacks"][0]["steps"] for steps in (20, 50)
    ]
    assert steps == [20, 50]


def test_description_has_the_parameters_that_matter():
    description = describe_attack(PGD(epsilon=0.3, steps=20, step_size=0.15, norm="l2", seed=4))
    expected = {"attack": "PGD", "steps": 20, "step_size": 0.15, "seed": 4, "random_start": False}
    assert description.items() >= expected.items()


def test_fingerprint_differs_where_a_part_does():
    attack = PGD(epsilon=0.3, steps=20, norm="l2")
    other = PGD(epsilon=0.3, steps=50, norm="l2")
    assert fingerprint(attack=describe_attack(attack)) == fingerprint(attack=describe_attack(attack))
    assert fingerprint(attack=describe_attack(attack)) != fingerprint(attack=describe_attack(other))
