"""The job that NVIDIA FLARE runs: federated averaging on the server, and a ``MonaiAlgo`` at each site."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUNDLE = "bundle"
"""Name of the bundle's folder within the app of a site."""


def write_job(folder: Path, bundles: Mapping[str, Path], weights: Path, rounds: int, local_epochs: int = 1) -> Path:
    """Write a job folder with an app for each site and one for the server.

    ``nvflare simulator FOLDER -c SITES -t NUMBER`` runs it in one machine, and a FLARE server in many. It needs the
    package ``monai-nvflare``. With fewer threads than sites the simulator would make each site again in each round,
    without its optimizer and its epochs. Sites validate on their own validation images.

    Args:
        folder: the folder to be made.
        bundles: the bundle of each site, by the site's name.
        weights: file of the state dict to start from.
        rounds: number of rounds.
        local_epochs: epochs of each site in a round.

    Returns:
        ``folder``.

    Raises:
        FileExistsError: if the folder exists already.

    Example::

        >>> from custom.federated import write_job
        >>> write_job(Path("job"), {"site-1": Path("a"), "site-2": Path("b")}, Path("model.pt"), 3)  # doctest: +SKIP

    """
    if folder.exists():
        raise FileExistsError(f"{folder} already exists; pass another output folder, or remove it.")
    apps = {"server": "app_server", **{site: f"app_{site}" for site in bundles}}
    for name, app in apps.items():
        config = _server(len(bundles), rounds) if name == "server" else _client(local_epochs)
        kind = "server" if name == "server" else "client"
        (folder / app / "config").mkdir(parents=True)
        (folder / app / "config" / f"config_fed_{kind}.json").write_text(json.dumps(config, indent=4))
        # The server has no images, but builds the network that the sites train.
        source = next(iter(bundles.values())) if name == "server" else bundles[name]
        shutil.copytree(source, folder / app / BUNDLE, ignore=None if name != "server" else _without_data)
    models = folder / apps["server"] / BUNDLE / "models"
    models.mkdir(exist_ok=True)
    shutil.copy(weights, models / "model.pt")
    meta = {
        "name": folder.name,
        "min_clients": len(bundles),
        "mandatory_clients": list(bundles),
        "resource_spec": {},
        "deploy_map": {app: [name] for name, app in apps.items()},
    }
    (folder / "meta.json").write_text(json.dumps(meta, indent=4))
    return folder


def _server(sites: int, rounds: int) -> dict[str, Any]:
    # FLARE's newer controller FedAvg refuses the metric that monai-nvflare's executor sends along.
    common = "nvflare.app_common"
    return {
        "format_version": 2,
        "workflows": [
            {
                "id": "fedavg",
                "path": f"{common}.workflows.scatter_and_gather.ScatterAndGather",
                "args": {
                    "min_clients": sites,
                    "num_rounds": rounds,
                    "wait_time_after_min_received": 0,
                    "persistor_id": "persistor",
                    "shareable_generator_id": "shareable_generator",
                    "aggregator_id": "aggregator",
                    "train_task_name": "train",
                },
            }
        ],
        "components": [
            {
                "id": "persistor",
                "path": "monai_nvflare.monai_bundle_persistor.MonaiBundlePersistor",
                "args": {"bundle_root": BUNDLE, "source_ckpt_filename": "models/model.pt"},
            },
            {
                "id": "shareable_generator",
                "path": f"{common}.shareablegenerators.full_model_shareable_generator.FullModelShareableGenerator",
            },
            {
                "id": "aggregator",
                "path": f"{common}.aggregators.intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
                "args": {"expected_data_kind": "WEIGHT_DIFF"},
            },
        ],
    }


def _client(local_epochs: int) -> dict[str, Any]:
    return {
        "format_version": 2,
        "executors": [
            {
                "tasks": ["train"],
                "executor": {
                    "path": "monai_nvflare.client_algo_executor.ClientAlgoExecutor",
                    "args": {"client_algo_id": "algo", "key_metric": "val_accuracy_mean"},
                },
            }
        ],
        "components": [
            {
                "id": "algo",
                "path": "monai.fl.client.MonaiAlgo",
                "args": {
                    "bundle_root": BUNDLE,
                    "local_epochs": local_epochs,
                    # By evaluate.json as well a site would validate on test images, which it does not have.
                    "config_evaluate_filename": "configs/train.json",
                },
            }
        ],
    }


def _without_data(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "data"]
