"""From a name to a training method."""

from __future__ import annotations

import difflib
import inspect
import math
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from custom.attacks import PGD
from custom.methods.base.method import Method

PACKAGE = "custom.methods"


def method_names() -> list[str]:
    """The names of all methods: those of the modules in ``custom.methods``, in alphabetical order.

    Example::

        >>> from custom.methods import method_names
        >>> "dpaat" in method_names()
        True

    """
    folder = Path(__file__).parents[1]
    return sorted(module.name for module in pkgutil.iter_modules([str(folder)]) if not module.ispkg)


def method_class(name: str) -> type[Method]:
    """The class of a method.

    Args:
        name: name of a module in ``custom.methods``, or the dotted path of a class anywhere else.

    Raises:
        ValueError: if no such method exists.
    """
    module_name, _, class_name = str(name).rpartition(".")
    if not module_name:
        if name not in method_names():
            near = difflib.get_close_matches(str(name), method_names(), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"No training method {name!r} found; available are {', '.join(method_names())}.{hint}")
        module = import_module(f"{PACKAGE}.{name}")
        return next(
            item
            for item in vars(module).values()
            if inspect.isclass(item) and issubclass(item, Method) and item.__module__ == module.__name__
        )
    try:
        found = getattr(import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"No training method {name!r} found: {error}.") from error
    if not (inspect.isclass(found) and issubclass(found, Method)):
        raise ValueError(f"{name} is not a training method; pass a subclass of custom.methods.Method.")
    return found


def create_method(name: str, attack: PGD, options: Mapping[str, Any] | None = None, **hyperparameters: Any) -> Method:
    """Build a training method.

    Args:
        name: name of a module in ``custom.methods``, such as ``dpaat``, or the dotted path of a subclass of
            :class:`Method`.
        attack: the training adversary.
        options: further hyperparameters, for those that have no key of their own in the config.
        hyperparameters: the method's hyperparameters; ``None`` stands for the method's own default.

    Returns:
        The method.

    Raises:
        ValueError: if no such method exists, or it does not take one of the hyperparameters or its value.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods import create_method
        >>> create_method("sat", PGD(epsilon=0.3, steps=7, step_size=0.15), alpha=0.7).loss.alpha
        0.7

    """
    cls = method_class(name)
    given = {key: value for key, value in {**hyperparameters, **(options or {})}.items() if value is not None}
    parameters = inspect.signature(cls).parameters
    taken = [key for key in parameters if key != "attack"]
    foreign = sorted(set(given) - set(taken))
    if foreign:
        takes = f"it takes {', '.join(taken)}" if taken else "it takes none"
        raise ValueError(f"Method {name!r} has no hyperparameter {foreign[0]!r}; {takes}.")
    for key, value in given.items():
        check_kind(key, value, parameters[key].annotation)
    return cls(attack, **given)


def check_kind(name: str, value: Any, annotation: Any) -> None:
    """Check that a hyperparameter is a switch or a number if its class says so; ranges are the class's business.

    Args:
        name: its name.
        value: its value.
        annotation: its type, or the source of it.

    Raises:
        ValueError: if it is not.
    """
    source = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    kinds = {kind.strip() for kind in source.split("|")}
    if "bool" in kinds and not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, not {value!r}.")
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kinds & {"int", "float"} and not is_number:
        raise ValueError(f"{name} must be a number, not {value!r}.")
