"""MONAI's network with hooks, which leaves nothing behind."""

from __future__ import annotations

from typing import Any

import torch
from monai.visualize import ModelWithHooks
from torch import Tensor, nn

from custom.attacks.network_state import frozen, unwrap
from custom.explain.target_layer import TargetLayer


class HookedNetwork(ModelWithHooks):
    """One forward and backward pass that records a layer's activations and gradients, sample by sample.

    Pass it to ``monai.visualize.GradCAM`` or ``GradCAMpp`` in place of the network. Unlike MONAI's own:

    - every sample of a batch is explained for its own class, also if the classes are found by ``argmax``;
    - the hook exists during the call only, so that the network can be exported afterwards;
    - the gradient is taken with respect to the activations only: ``param.grad``, ``requires_grad`` and the modes
      of all modules stay as they were, and no pass goes back through the layers before;
    - a later layer that works in place cannot change the recorded activations;
    - tokens and maps with their channels last are rearranged as feature maps.

    Args:
        network: maps images (B, C, *spatial) to logits (B, num_classes); a data-parallel wrapper is removed.
        target_layer: a layer of the network, see :func:`custom.explain.find_target_layer`.

    """

    def __init__(self, network: nn.Module, target_layer: TargetLayer) -> None:
        super().__init__(unwrap(network), target_layer.name)
        self.target_layer = target_layer

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

        """
        recorded: list[Tensor] = []

        def record(_: nn.Module, __: Any, output: Tensor) -> Tensor:
            # The graph starts here; what follows gets a copy, which it may change in place.
            recorded.append(output.detach().requires_grad_())
            return recorded[-1].clone()

        with frozen(self.model) as network, torch.enable_grad():
            hook = self.get_layer(self.target_layers[0]).register_forward_hook(record)
            try:
                logits = network(x, **kwargs)
            finally:
                hook.remove()
            chosen = logits.argmax(1) if class_idx is None else torch.as_tensor(class_idx, device=x.device)
            evidence = logits.gather(1, chosen.expand(len(x)).unsqueeze(1)).sum()
            (gradient,) = torch.autograd.grad(evidence, recorded[-1])
        activations, gradients = (self.target_layer.feature_map(found) for found in (recorded[-1].detach(), gradient))
        return logits.detach(), (activations.contiguous(),), (gradients.contiguous(),)
