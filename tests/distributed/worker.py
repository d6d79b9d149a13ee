"""What the tests run in two processes at once, and again in one: started by `torchrun`, results in files.

torchrun --nproc_per_node=2 -m tests.distributed.worker DATA OUTPUT [METHOD ...]
"""

import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.bundle import ConfigParser
from torch import nn

from custom.acceleration import ChannelsLast, FoldBatchNorm
from custom.attacks import PGD
from custom.data import load_datalist
from custom.distributed import (
    SynchronizedBatchNorm,
    data_parallel,
    first_process_decides,
    join,
    leave,
    share_of_batch,
)
from custom.handlers import EpochSeed, FiniteLoss
from custom.handlers.statistics import moments
from custom.methods.dpaat import mean_over_processes
from custom.radius import RadiusTable

ROOT = Path(__file__).parents[2]
CONFIGS = [str(ROOT / "bundle" / "configs" / name) for name in ("train.json", "multi_gpu_train.json")]
IMAGES = 24
NORM_PARTS = (3, 5)
"""How eight samples are shared out to test BatchNorm: unevenly."""


def training(data, output, method="dpaat", epochs=(1, 1), resume=False, learning_rate=0.02, patience=9, **overrides):
    """Train a small network with BatchNorm by the configs, without randomness but that of the order."""
    parser = ConfigParser()
    parser.read_config(CONFIGS)
    parser.update(
        {
            "dataset_dir": str(data),
            "output_dir": str(output),
            "resume": resume,
            "method": method,
            **({"xi": 1.0} if method == "amat" else {}),
            "backbone": "small_resnet",
            "weights": None,
            "image_size": 32,
            "steps": 3,
            "batch_size": 8,
            "warm_up_epochs": epochs[0],
            "fine_tuning_epochs": epochs[1],
            "patience": patience,
            "num_workers": 0,
            # In 64 bits, so that what is compared is not rounding, which steps of normalized gradients blow up.
            "train#random_transforms": [],
            "train#deterministic_transforms": [
                *parser["train#deterministic_transforms"],
                {"_target_": "CastToTyped", "keys": "image", "dtype": "$torch.float64"},
            ],
            "train#dataset#data": load_datalist(data, "training")[:IMAGES],
            # Adam makes a step of full length from a gradient that is nothing but rounding.
            "optimizer": {
                "_target_": "torch.optim.SGD",
                "params": "$@training_method.parameters(@network)",
                "lr": learning_rate,
                "momentum": 0.9,
            },
            **overrides,
        }
    )
    for name in ("mlflow", "learning_curves"):
        parser[f"training_handlers#{name}#_disabled_"] = True
    for step in parser["initialize"]:
        if isinstance(step, dict) and step["_target_"].endswith("check_command_line"):
            step["_disabled_"] = True
    parser.get_parsed_content("initialize")
    # Running statistics of a network that has seen images; with those of a fresh one every logit would be 0.
    network = parser.get_parsed_content("network_def").double().train()
    with torch.no_grad():
        for seed in range(20):
            network(torch.rand(8, 3, 32, 32, generator=torch.Generator().manual_seed(seed)).double())
    trainer = parser.get_parsed_content("train#trainer")
    found = SimpleNamespace(losses=[], radii=[], ids=[])

    def note(engine):
        found.losses.append(engine.state.output["loss"].item())
        names = engine.state.batch["image_id"]
        found.ids.append(list(names))
        if "epsilon" in engine.state.adversarial:
            found.radii.append(dict(zip(names, engine.state.adversarial["epsilon"].values.tolist(), strict=True)))

    trainer.add_event_handler(Events.ITERATION_COMPLETED, note)
    trainer.run()
    state = parser.get_parsed_content("training_method").state_dict()
    return {
        **vars(found),
        "epochs": trainer.state.epoch,
        "metrics": dict(trainer.state.metrics),
        "validation": dict(parser.get_parsed_content("validate#evaluator").state.metrics),
        "table": state.get("radii", {}).get("epsilon", {}),
        "robust_accuracy": state.get("robust_accuracy"),
        "teacher": state.get("teacher"),
        "weights": parser.get_parsed_content("network_def").state_dict(),
        "wrapped": type(trainer.network).__name__,
    }


def dpaat(data, output):
    return training(data, output / f"dpaat-{idist.get_rank()}")


def amat(data, output):
    return training(data, output / "amat", "amat", epochs=(0, 2))


def amat_resumed(data, output):
    training(data, output / "amat-resumed", "amat", epochs=(0, 1))
    return training(data, output / "amat-resumed", "amat", epochs=(0, 2), resume=True)


def iaat(data, output):
    options = {"warm_up": 1, "steps": 2, "smoothing": 0.5}
    return training(data, output / "iaat", "iaat", epochs=(0, 2), method_options=options)


def ima(data, output):
    return training(data, output / "ima", "ima", epochs=(0, 2), method_options={"steps": 4})


def cfa(data, output):
    return training(data, output / "cfa", "cfa", epochs=(0, 2), method_options={"warm_up": 1})


def weight_perturbation(data, output):
    return training(data, output / "awp", "at", epochs=(0, 1), awp=0.01)


def lbgat(data, output):
    """A second network that is trained along, which the processes keep in step."""
    return training(data, output / "lbgat", "lbgat", epochs=(0, 1), awp=0.01)


def stopped_early(data, output):
    return training(data, output / "stopped", "std", epochs=(0, 4), learning_rate=0.0, patience=2)


def sums(*_):
    values = torch.tensor([1.0, 2.0, 3.0, 10.0])
    mine = values if idist.get_world_size() == 1 else (values[:3], values[3:])[idist.get_rank()]
    return {"mean": mean_over_processes(mine).item(), "moments": moments(mine.double())}


def exchange(*_):
    """Each process learns of the other's images; an image that nobody met keeps its radius."""
    rank, table = idist.get_rank(), RadiusTable()
    table.load_state_dict({"epsilon": {"both": 0.1, "none": 0.7}})
    table.update([f"own{rank}"], torch.tensor([0.5 + rank / 4]))
    table.exchange()
    first = table.state_dict()["epsilon"]
    if rank == 1:
        table.update(["both"], torch.tensor([0.25]))
    table.exchange()
    return {"first": first, "second": table.state_dict()["epsilon"]}


def batch_norm(*_):
    """Normalize this process's part of eight samples; forward, backward and running statistics."""
    images = torch.randn(8, 4, 5, generator=torch.Generator().manual_seed(0)) * 3 + 7
    weights = torch.randn(8, 4, 5, generator=torch.Generator().manual_seed(1))
    if idist.get_world_size() > 1:
        images, weights = (part.split(NORM_PARTS)[idist.get_rank()] for part in (images, weights))
    images.requires_grad_()
    layer = SynchronizedBatchNorm.convert(nn.Sequential(nn.BatchNorm1d(4)))
    output = layer(images)
    (output * weights).sum().backward()
    return {"output": output.detach(), "gradient": images.grad, "state": layer.state_dict()}


def attack(*_):
    """Attack a wrapped network, more often in one process than in the other: nobody may wait for anybody."""
    torch.manual_seed(0)
    network = data_parallel(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 3)), True)
    images, labels = torch.rand(4, 3, 8, 8), torch.arange(4) % 3
    pgd = PGD(epsilon=0.3, step_size=0.15, steps=3, accelerations=[FoldBatchNorm(), ChannelsLast()])
    for _ in range(1 + idist.get_rank()):
        images_adv = pgd(network, images, labels)
    untouched = all(parameter.grad is None for parameter in network.parameters())
    network(images_adv).sum().backward()
    reached = all(parameter.grad is not None for parameter in network.parameters())
    return {"images_adv": images_adv, "untouched": untouched, "reached": reached}


def errors(*_):
    """One process's bad loss, the first process's complaint, and a batch that cannot be shared out."""
    rank, found = idist.get_rank(), {}
    loss = torch.tensor(float("nan") if rank == idist.get_world_size() - 1 else 1.0)
    batch = {"image_id": [f"image{rank}"], "image": torch.ones(1, 3)}
    output = {"loss": loss, "pred": torch.ones(1, 2)}
    state = SimpleNamespace(output=output, batch=batch, iteration=5, epoch=2, epoch_length=3)

    def complain():
        raise FileExistsError(f"process {rank} complains.")

    for name, action in {
        "loss": lambda: FiniteLoss()(SimpleNamespace(state=state, network=nn.Linear(3, 2))),
        "decision": lambda: first_process_decides(complain),
        "share": lambda: share_of_batch(7),
        "training_mode": lambda: PGD(epsilon=0.3, steps=1, batch_norm="training")(
            SynchronizedBatchNorm.convert(nn.Sequential(nn.BatchNorm1d(3))), torch.rand(4, 3), torch.arange(4) % 3
        ),
    }.items():
        try:
            action()
            found[name] = None
        except (ArithmeticError, OSError, ValueError) as error:
            found[name] = f"{type(error).__name__}: {error}"
    return {**found, "decided": first_process_decides(lambda: f"by process {rank}")}


def draws(*_):
    engine = Engine(lambda engine, batch: torch.rand(3).tolist())
    EpochSeed(seed=3).attach(engine)
    engine.run([0], max_epochs=1)
    return {"draws": engine.state.output}


def command_line(data, output):
    """The command of the README, in these processes; it ends with the processes apart, so it comes last."""
    configs = "['bundle/configs/train.json','bundle/configs/quickstart.json','bundle/configs/multi_gpu_train.json']"
    options = f"--dataset_dir {data} --runs_dir {output / 'runs'} --image_size 48 --steps 2 --num_workers 0"
    options += " --warm_up_epochs 1 --fine_tuning_epochs 1 --batch_size 8"
    sys.argv = ["custom.bundle", "run", "training", "--config_file", configs, *options.split()]
    runpy.run_module("custom.bundle", run_name="__main__")
    return {"alone": idist.get_world_size() == 1}


SCENARIOS = [dpaat, amat, amat_resumed, iaat, ima, cfa, weight_perturbation, lbgat, stopped_early]
SCENARIOS += [sums, exchange, batch_norm, attack, errors, draws]


def train_each(data, output, methods):
    """Train an epoch by each of the methods."""
    return {method: training(data, output / f"{method}-epoch", method, epochs=(0, 1)) for method in methods}


def run(data, output, scenarios):
    """Run scenarios one after the other."""
    return {scenario.__name__: scenario(data, output) for scenario in scenarios}


if __name__ == "__main__":
    data, output = map(Path, sys.argv[1:3])
    methods = sys.argv[3:]
    os.chdir(ROOT)
    join(torch.device("cpu"))
    rank = idist.get_rank()
    results = train_each(data, output, methods) if methods else run(data, output, [*SCENARIOS, command_line])
    leave()
    torch.save(results, output / f"results-{rank}.pt")
