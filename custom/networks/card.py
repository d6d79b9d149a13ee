"""What a trained network has to be told with its weights, so that they are never used for something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import torch

from custom.versions import current_versions

_PLAIN = (type(None), bool, int, float, str)


@dataclass(frozen=True)
class NetworkCard:
    """What the weights of a trained classifier mean, and what decided them; stored in the file of the weights.

    Attributes:
        class_names: in the order of the network's outputs.
        image_size: spatial size of the images, such as ``(224, 224)``.
        channels: of the images.
        intensity: how the values of a file become [0, 1]: its bit depth or window, as the reading rule names it.
        spacing: of volumes the distances of their voxels in mm in RAS+ order, to which they are resampled; ``None``
            for images.
        network: the config of the network, ``{"_target_": dotted path, argument: value, ...}``, see
            :func:`custom.networks.network_definition`.
        data_sha256: hash of the training data.
        seed: of the training.
        num_workers: processes of its loader.
        threads: of torch on the CPU.
        versions: of Python, the packages and this code.
        weights_sha256: see :func:`custom.networks.weights_sha256`; filled in when the weights are saved.

    Example::

        >>> from custom.networks import NetworkCard
        >>> card = NetworkCard(class_names=("MEL", "NV"), image_size=(64, 64))
        >>> card.check("model.pt", class_names=["NV", "MEL"])
        Traceback (most recent call last):
        ValueError: model.pt was trained with class_names MEL, NV, not NV, MEL.

    """

    class_names: tuple[str, ...]
    image_size: tuple[int, ...]
    channels: int = 3
    intensity: Mapping[str, Any] = field(default_factory=dict)
    spacing: tuple[float, ...] | None = None
    network: Mapping[str, Any] = field(default_factory=dict)
    data_sha256: str | None = None
    seed: int | None = None
    num_workers: int | None = None
    threads: int | None = field(default_factory=torch.get_num_threads)
    versions: Mapping[str, str] = field(default_factory=current_versions)
    weights_sha256: str | None = None

    def __post_init__(self) -> None:
        for name in ("class_names", "image_size"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if isinstance(self.spacing, (list, tuple)):
            object.__setattr__(self, "spacing", tuple(self.spacing))
        problem = self._problem()
        if problem:
            raise ValueError(f"The network's card is not valid: {problem}.")

    def _problem(self) -> str | None:
        """What is wrong with the values, which may come out of anybody's file; ``None`` if nothing."""
        names, size = self.class_names, self.image_size
        if len(names) < 2 or not all(isinstance(name, str) and name for name in names):
            return f"class_names should be two or more names, not {names!r}"
        if len(set(names)) < len(names):
            return f"class_names has a name twice: {', '.join(names)}"
        if not size or not all(isinstance(edge, int) and edge > 0 for edge in size):
            return f"image_size should be whole numbers greater than 0, not {size!r}"
        if not isinstance(self.channels, int) or self.channels < 1:
            return f"channels should be a whole number greater than 0, not {self.channels!r}"
        if self.spacing is not None and not _is_spacing(self.spacing, len(size)):
            return f"spacing should be {len(size)} numbers greater than 0, not {self.spacing!r}"
        for name in ("intensity", "network", "versions"):
            if not isinstance(getattr(self, name), Mapping):
                return f"{name} should be a mapping, not {getattr(self, name)!r}"
        for item in fields(self):
            if not _is_plain(getattr(self, item.name)):
                return f"{item.name} should hold only numbers, text and lists of them"
        return None

    @property
    def network_name(self) -> str:
        """What people call the network: torchvision's name of the model, or the class; ``unknown`` without either."""
        return str(self.network.get("name") or self.network.get("_target_", "unknown")).rpartition(".")[2]

    def to_dict(self) -> dict[str, Any]:
        """The card in plain types, for ``torch.save`` and JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, content: Any) -> NetworkCard:
        """Read a card back.

        Args:
            content: as :meth:`to_dict` returns it; entries that are not known here are left out.

        Raises:
            ValueError: if an entry lacks or is not what it should be.
        """
        if not isinstance(content, Mapping):
            raise ValueError(f"The network's card is not valid: it should be a mapping, not {type(content).__name__}.")
        missing = [name for name in ("class_names", "image_size") if not isinstance(content.get(name), (list, tuple))]
        if missing:
            raise ValueError(f"The network's card is not valid: it lacks the list {missing[0]!r}.")
        known = {item.name for item in fields(cls)}
        # What a card does not say is unknown; it is not what holds in this process.
        unknown: dict[str, Any] = {"threads": None, "versions": {}}
        return cls(**unknown | {name: value for name, value in content.items() if name in known})

    def check(self, source: str = "The network", **expected: Any) -> None:
        """Compare the card with how the network is to be used.

        Args:
            source: what the card belongs to, to be named in the error.
            **expected: values by the name of an attribute of the card; ``None``, and what the card does not say, is not
                compared.

        Raises:
            ValueError: if a value differs, in one sentence.
            TypeError: if the card has no such attribute.
        """
        known = {item.name for item in fields(self)}
        for name, value in expected.items():
            if name not in known:
                raise TypeError(f"A NetworkCard has no attribute {name!r}.")
            own = getattr(self, name)
            if value is None or own is None or own == {}:
                continue
            if _plain(value) != _plain(own):
                raise ValueError(f"{source} was trained with {name} {_words(own)}, not {_words(value)}.")


def _plain(value: Any) -> Any:
    """Tuples as lists and mappings as dictionaries, so that equal values compare as equal."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return type(value) in _PLAIN


def _is_spacing(value: Any, axes: int) -> bool:
    return (
        isinstance(value, tuple) and len(value) == axes and all(type(v) in (int, float) and 0 < v < 1e6 for v in value)
    )


def _words(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(_plain(value))
