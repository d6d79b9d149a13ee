"""Federated averaging in one process: what a server does, without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from monai.fl.client import MonaiAlgo
from monai.fl.utils.constants import FlStatistics
from monai.fl.utils.exchange_object import ExchangeObject
from torch import Tensor


def federated_averaging(
    sites: Sequence[MonaiAlgo],
    weights: Mapping[str, Tensor],
    rounds: int,
    report: Callable[[int], None] = lambda _: None,
) -> dict[str, Tensor]:
    """Train a network at several sites, averaging what each has learned after every round (FedAvg).

    Sites count by their iterations in the round, as with NVIDIA FLARE's controller.

    Args:
        sites: initialized, with ``send_weight_diff=True``.
        weights: state dict to start from.
        rounds: number of rounds, each of the sites' ``local_epochs``.
        report: called with the number of each round, from 1, when it is finished.

    Returns:
        The averaged state dict.

    Example::

        >>> from custom.federated import federated_averaging
        >>> weights = federated_averaging([site_1, site_2], network.state_dict(), rounds=3)  # doctest: +SKIP

    """
    averaged = {name: value.detach().cpu().clone() for name, value in weights.items()}
    for number in range(1, rounds + 1):
        answers = []
        for site in sites:
            site.train(ExchangeObject(weights={name: value.clone() for name, value in averaged.items()}))
            answers.append(site.get_weights())
        steps = torch.tensor([float(answer.statistics[FlStatistics.NUM_EXECUTED_ITERATIONS]) for answer in answers])
        for name, value in averaged.items():
            changes = torch.stack([answer.weights[name].double() for answer in answers])
            mean = torch.tensordot((steps / steps.sum()).double(), changes, dims=1)
            averaged[name] = (value.double() + mean).to(value.dtype)
        report(number)
    return averaged
