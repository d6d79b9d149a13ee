"""MONAI's network with hooks, without what it leaves behind."""

from __future__ import annotations

from typing import Any

import torch
from monai.visualize import ModelWithHooks
from torch import Tensor, nn

from custom.attacks.network_state import frozen, unwrap


class HookedNetwork(ModelWithHooks):
    """One forward and backward pass that notes a layer's activations and gradients, sample by sample.

    Hand it to ``monai.visualize.GradCAM`` or ``GradCAMpp`` in place of the network. Different from MONAI's
    own:

    - every sample of a batch is explained for its own class, also where the classes are found by ``argmax``;
    - the hook is there during the call only, so that the network can be exported afterwards;
    - the gradient is taken with respect to the activations alone: ``param.grad`` and ``requires_grad`` stay
      as they were, as do the modes of all modules, and the pass back through the layers before is spared;
    - a layer after it that works in place cannot change the activations noted.

    Args:
        network: maps images (B, C, *spatial) to logits (B, num_classes); a data-parallel wrapper is taken
            off.
        target_layer: name of the layer in ``network.named_modules()``.

    Raises:
        ValueError: if the network has no such layer.

    """

    def __init__(self, network: nn.Module, target_layer: str) -> None:
        network = unwrap(network)
        if target_layer not in dict(network.named_modules()):
            last = [name for name, _ in network.named_modules()][-1]
            raise ValueError(f"{type(network).__name__} has no layer {target_layer!r}: give a name like {last!r}.")
        super().__init__(network, target_layer)

    def __call__(
        self, x: Tensor, class_idx: Tensor | int | None = None, retain_graph: bool = False, **kwargs: Any
    ) -> tuple[Tensor, tuple[Tensor], tuple[Tensor]]:
        """Run the network forwards and, from the chosen logits, back to the layer.

        Args:
            x: images, shape (B, C, *spatial).
            class_idx: class to explain for each sample, shape (B,), or one for all; ``None`` for the
                predicted ones.
            retain_graph: not used: the graph is never kept. MONAI's classes pass it.
            kwargs: passed on to the network.

        Returns:
            Logits, shape (B, num_classes); activations and gradients of the layer, each of shape
            (B, K, *smaller).

        Raises:
            ValueError: if the layer's output is no feature map of the images' rank.

        """
        noted: list[Tensor] = []

        def note(_: nn.Module, __: Any, output: Any) -> Tensor:
            if not isinstance(output, Tensor) or output.dim() != x.dim():
                raise ValueError(f"The layer {self.target_layers[0]!r} gives no feature map: name another.")
            # The graph starts here; what follows gets a copy, which it may change in place.
            noted.append(output.detach().requires_grad_())
            return noted[-1].clone()

        with frozen(self.model) as network, torch.enable_grad():
            hook = self.get_layer(self.target_layers[0]).register_forward_hook(note)
            try:
                logits = network(x, **kwargs)
            finally:
                hook.remove()
            chosen = logits.argmax(1) if class_idx is None else torch.as_tensor(class_idx, device=x.device)
            evidence = logits.gather(1, chosen.expand(len(x)).unsqueeze(1)).sum()
            (gradient,) = torch.autograd.grad(evidence, noted[-1])
        return logits.detach(), (noted[-1].detach(),), (gradient.contiguous(),)
