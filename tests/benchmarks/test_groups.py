import torch

from benchmarks.groups import PARTS, Group, planned_groups

CPU = torch.device("cpu")


def test_networks_and_sizes_are_crossed():
    groups = planned_groups(["attack", "training"], ["one", "two"], [32, 64], 8, ["at"], CPU)
    assert groups == [
        Group(part, method, network, size, 8)
        for network in ("one", "two")
        for size in (32, 64)
        for part, method in (("attack", ""), ("training", "at"))
    ]


def test_scaling_quarters_and_halves_the_batch():
    groups = planned_groups(["scaling"], ["one", "two"], [32], 16, [], CPU)
    expected = [
        ("scaling", method, "two", 32, number)
        for number in (4, 8, 16)
        for method in ("at", "dpaat", "dpaat, checkpointed")
    ]
    assert groups == expected


def test_no_group_is_planned_twice():
    # A quarter of four images and half of them are both two, the least.
    groups = planned_groups(PARTS, ["one"], [32, 32], 4, ["at"], CPU)
    assert len(set(groups)) == len(groups)
    assert {group.batch_size for group in groups if group.part == "scaling"} == {2, 4}


def test_processes_share_a_cpu_alone():
    arguments = (["processes"], ["one", "two"], [32, 64], 8, [])
    assert planned_groups(*arguments, CPU) == [Group("processes", "dpaat", "two", 32, 8)]
    assert planned_groups(*arguments, torch.device("cuda")) == []


def test_loader_is_measured_on_one_network_at_all_sizes():
    groups = planned_groups(["loader"], ["one"], [32, 64], 8, ["amat"], CPU)
    assert groups == [Group("loader", name, "squeezenet1_0", size, 8) for size in (32, 64) for name in ("at", "std")]
