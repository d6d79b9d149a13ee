"""Stop a training whose loss is not finite, before it touches the weights."""

from __future__ import annotations

from typing import Any, cast

import ignite.distributed as idist
import torch
from ignite.engine import Engine
from monai.engines.utils import IterationEvents
from monai.utils import CommonKeys


class FiniteLoss:
    """Raise as soon as a loss is NaN or infinite, naming the epoch, the iteration and the images.

    It runs between the loss and its backward pass, so that the weights are still good. A loss that is not finite in
    one process ends all.

    Args:
        id_key: key of the images' names in the batch.

    Example::

        >>> from custom.handlers import FiniteLoss
        >>> handler = FiniteLoss()

    """

    def __init__(self, id_key: str = "image_id") -> None:
        self.id_key = id_key

    def attach(self, engine: Engine) -> None:
        """Attach the check to the moment when a loss has been computed.

        Args:
            engine: a MONAI trainer.
        """
        engine.add_event_handler(IterationEvents.LOSS_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Check the loss of the iteration.

        Args:
            engine: a MONAI trainer.

        Raises:
            FloatingPointError: when the loss is not finite.
        """
        loss = engine.state.output[CommonKeys.LOSS]  # type: ignore[index]
        finite = bool(torch.isfinite(loss).all())
        if not idist.all_reduce(int(not finite)):
            return
        state = engine.state
        names = state.batch.get(self.id_key, ["unknown"])  # type: ignore[union-attr]
        found = [] if finite else [loss.item(), ", ".join(map(str, names)), self._at_fault(engine)]
        # All processes say the same, so that it does not matter which one is heard.
        everywhere = cast(list[list[Any]], idist.all_gather(found)) if idist.get_world_size() > 1 else [found]
        value, ids, at_fault = next(found for found in everywhere if found)
        iteration = (state.iteration - 1) % state.epoch_length + 1  # type: ignore[operator]
        raise FloatingPointError(
            f"The loss is {value} in epoch {state.epoch}, iteration {iteration} of {state.epoch_length}; "
            f"the images of that mini-batch: {ids}. {at_fault}"
        )

    def _at_fault(self, engine: Engine) -> str:
        """Whether the images, the weights, the network's outputs or the loss itself are the first not finite."""
        images = torch.as_tensor(engine.state.batch["image"])  # type: ignore[index]
        names = engine.state.batch.get(self.id_key, range(len(images)))  # type: ignore[union-attr]
        bad = [str(name) for name, image in zip(names, images, strict=True) if not bool(torch.isfinite(image).all())]
        if bad:
            return f"Values of the images are not finite: {', '.join(bad)}."
        for name, tensor in engine.network.state_dict().items():  # type: ignore[attr-defined]
            if not bool(torch.isfinite(tensor).all()):
                return f"Weights of the network are not finite, the first are {name}; try a lower learning rate."
        pred = engine.state.output[CommonKeys.PRED]  # type: ignore[index]
        parts = pred if isinstance(pred, tuple) else [pred]
        logits = [part for part in parts if isinstance(part, torch.Tensor)]
        if all(bool(torch.isfinite(part).all()) for part in logits):
            return "Images, weights and outputs are finite: it is the loss that is not."
        return "Images and weights are finite: it is the network's outputs that are not."
