"""One report for all processes of a training, by way of the store through which ``torchrun`` joins them."""

from __future__ import annotations

import os
from datetime import timedelta

import torch.distributed as dist

SECONDS = 10
"""How long a process waits for another one that it need not hear from."""


def first_to_report() -> bool:
    """Whether no process of this training has reported an error so far; from now on, one has."""
    store = _store()
    return store is None or store.add("reports", 1) == 1


def reported_already() -> bool:
    """Whether a process of this training has reported an error."""
    store = _store()
    return store is not None and store.add("reports", 0) > 0


def wait_for_the_first() -> None:
    """Stay until the first process has closed its records: ``torchrun`` ends all as soon as one has failed."""
    store = _store()
    if store is None:
        return
    if os.environ["RANK"] == "0":
        store.set("closed", "")
        return
    try:
        store.wait(["closed"], timedelta(seconds=SECONDS))
    except RuntimeError:
        return  # It is stuck, or gone.


def _store() -> dist.Store | None:
    """The store of the processes; ``None`` if there is one process, or no store."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or "MASTER_PORT" not in os.environ:
        return None
    host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    try:
        return dist.TCPStore(host, port, is_master=False, timeout=timedelta(seconds=SECONDS))
    except RuntimeError:
        return None
