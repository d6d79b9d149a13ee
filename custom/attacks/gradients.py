"""The gradient that an attack follows."""

import torch
from torch import Tensor, nn

from custom.attacks.losses import AttackLoss


def logits_and_gradient(
    network: nn.Module, images: Tensor, loss_function: AttackLoss, reference: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Pass images through a network and differentiate the sum of their losses.

    Args:
        network: the network, in the mode that it is to have.
        images: (B, C, *spatial).
        loss_function: what is differentiated.
        reference: what the loss compares with, see :meth:`~custom.attacks.losses.AttackLoss.reference`.

    Returns:
        Logits (B, classes), loss per sample (B,), and the gradient of its sum, (B, C, *spatial).
    """
    # Evaluators attack inside torch.no_grad().
    with torch.enable_grad():
        images = images.detach().requires_grad_()
        logits = network(images)
        loss = loss_function(logits, reference)
        (gradient,) = torch.autograd.grad(loss.sum(), images)
    return logits.detach(), loss.detach(), gradient
