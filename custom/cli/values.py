"""What the keys of the configs take: one table of types and ranges, for every way to start a program.

The table is checked before anything is imported that takes time, on the values as they were given, and once more when
the configs' expressions are resolved. Values that are expressions (``$...``, ``@...``, ``%...``) are skipped the
first time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.cli.kinds import (
    EXPRESSION,
    Accelerations,
    Choice,
    Device,
    FilePath,
    FolderName,
    Module,
    Names,
    Number,
    Optional,
    Several,
    Switch,
    Table,
    Text,
    Value,
)

METHODS = Path(__file__).resolve().parents[1] / "methods"

COUNT = Number(low=1, whole=True)
COUNT_OR_NONE = Number(low=0, whole=True)
RADIUS = Number(low=0)
LENGTH = Number(low=0, positive=True)
SHARE = Number(0, 1)
PATH = FilePath()

VALUES: dict[str, Value] = {
    # What is trained on, and where to.
    "bundle_root": PATH,
    "dataset_dir": PATH,
    "datalist": PATH,
    "check_data": Switch(),
    "runs_dir": PATH,
    "run_name": FolderName(),
    "output_dir": PATH,
    "resume": Switch(),
    "experiment_name": Text("a name"),
    "record": Switch(),
    # How it runs.
    "seed": Number(0, 2**32 - 1, whole=True),
    "device": Device(),
    "amp": Switch(),
    "autocast": Optional(Text("a data type, such as bfloat16")),
    "num_workers": COUNT_OR_NONE,
    "cache_rate": SHARE,
    "keep_freed_memory": Switch(),
    # The method.
    "method": Module(METHODS),
    "alpha": Optional(SHARE),
    "beta": Optional(RADIUS),
    "synchronization_as_printed": Optional(Switch()),
    "second_examples": Optional(Text("a name")),
    "delta_loss_mean_floor": Optional(LENGTH),
    "reuse_gradients": Optional(Switch()),
    "xi": Optional(RADIUS),
    "delta_epsilon": Optional(LENGTH),
    "label_smoothing": Optional(Number(0, 0.999)),
    # The attack.
    "epsilon": RADIUS,
    "norm": Choice(("l2", "linf")),
    "epsilon_schedule": SHARE,
    "epsilon_scale": RADIUS,
    "clean_warm_up": Switch(),
    "awp": RADIUS,
    "balanced_sampling": Switch(),
    "joint_pass": Switch(),
    "same_dropout": Switch(),
    "activation_checkpointing": Switch(),
    "step_size": Optional(LENGTH),
    "steps": COUNT,
    "step_rule": Optional(Choice(("normalized", "sign"))),
    "attack_batch_norm": Choice(("evaluation", "training")),
    "accelerations": Accelerations(),
    # The network and its training.
    "backbone": Text("a name"),
    "weights": Optional(Text("a name, a path or none")),
    "image_size": Several(COUNT),
    "spacing": Optional(Several(LENGTH)),
    "crop": Optional(Choice(("square",))),
    "warm_up_epochs": COUNT_OR_NONE,
    "fine_tuning_epochs": COUNT_OR_NONE,
    "learning_rate": LENGTH,
    "lr_schedule": Choice(("constant", "cosine", "one_cycle")),
    "weight_decay": RADIUS,
    "weight_averaging": Number(0, 0.999999),
    "validated_weights": Choice(("both", "averaged")),
    "batch_size": COUNT,
    "patience": Optional(COUNT),
    "val_interval": COUNT,
    "selection": Text("a name"),
    # Evaluating, explaining and inferring.
    "checkpoint": PATH,
    "trust": Switch(),
    "attacks": Names(),
    "epsilons": Table(RADIUS),
    "epsilon_linf": RADIUS,
    "epsilon_l2": RADIUS,
    "step_fraction": Number(0, 2, positive=True),
    "surrogate": Optional(PATH),
    "check_images": COUNT_OR_NONE,
    "curve_images": COUNT_OR_NONE,
    "corruption_images": COUNT_OR_NONE,
    "corruption_names": Optional(Names()),
    "class_of_interest": Optional(Text("the name of a class")),
    "subgroup_columns": Optional(Names()),
    "fit_temperature": Switch(),
    "square_queries": COUNT,
    "resamples": COUNT_OR_NONE,
    "model_name": Text("a name"),
    "data_name": Text("a name"),
    "explanations_dir": PATH,
    "class_names": Names(),
}


def check_values(values: Mapping[str, Any], given: bool = False) -> None:
    """Check values against the table.

    Args:
        values: by key; keys that the table does not have, and nested ids, are not looked at. Neither are components,
            nor text that begins like an expression and is one.
        given: whether they were given on a command line, on which the name of a file that begins like an expression
            must not become one.

    Raises:
        ValueError: if a value is none that its key takes, in one sentence.

    Example::

        >>> from custom.cli import check_values
        >>> check_values({"epsilon": 0.3, "method": "dpaat", "image_size": "$2 * 112"})
        >>> check_values({"batch_size": 0})
        Traceback (most recent call last):
        ValueError: batch_size must be a whole number, at least 1, not 0.

    """
    for key, value in values.items():
        if key not in VALUES or (isinstance(value, Mapping) and "_target_" in value):
            continue
        if isinstance(value, str) and value.startswith(EXPRESSION):
            if given and isinstance(plain_kind(key), FilePath):
                raise ValueError(f"{key} {value!r} would be run as code; write it as './{value}'.")
            if not (given and isinstance(plain_kind(key), FolderName)):
                continue
        check_value(key, value)


def check_value(key: str, value: Any) -> None:
    """Check a single value, expressions resolved.

    Args:
        key: its key, one of `VALUES`.
        value: the value.

    Raises:
        ValueError: if it is none that the key takes, in one sentence.
    """
    wanted = VALUES[key].wrong(value)
    if wanted is None:
        return
    hint = ""
    taken_for_another = isinstance(value, int | float | list | tuple) and not isinstance(value, bool)
    if taken_for_another and isinstance(plain_kind(key), Text):
        kind = "number" if isinstance(value, int | float) else "list"
        example = f"./{value}" if isinstance(plain_kind(key), FilePath) else f"""'"{value}"'"""
        hint = f" (MONAI takes it for a {kind}; write --{key} {example})"
    raise ValueError(f"{key} must be {wanted}, not {value!r}{hint}.")


def plain_kind(key: str) -> Value | None:
    """What a key takes if it is not ``None``.

    Args:
        key: the key; ``None`` is returned if the table does not have it.
    """
    kind = VALUES.get(key)
    return kind.value if isinstance(kind, Optional) else kind
