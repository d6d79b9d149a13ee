"""The strongest of several adversarial examples, sample by sample."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class WorstCase:
    """Keeps for every sample the strongest adversarial example seen: one that fools first, the larger loss second.

    A targeted attack fools by reaching its target, and the smaller loss is the stronger.

    Args:
        network: maps images (B, C, *spatial) to logits.
        labels: class indices (B,); the targets if ``targeted``.
        images_adv: the first adversarial examples, (B, C, *spatial).
        targeted: the labels are targets.

    Attributes:
        images_adv: the strongest examples so far, (B, C, *spatial).
        fooled: whether they fool the network, (B,).
    """

    def __init__(self, network: nn.Module, labels: Tensor, images_adv: Tensor, *, targeted: bool = False) -> None:
        self.network = network
        self.labels = labels
        self.targeted = targeted
        self.images_adv = images_adv
        self.fooled, self._strength = self._judge(images_adv, labels)

    def update(self, images_adv: Tensor, index: Tensor | None = None, count: int | None = None) -> None:
        """Take what is stronger of further adversarial examples.

        Args:
            images_adv: (K, C, *spatial).
            index: the samples that they belong to, (K,). None: all, in order.
            count: how many of them are considered; the rest pads the batch. None: all.
        """
        if index is None:
            index = torch.arange(len(self.labels), device=self.labels.device)
        fooled, strength = (values[:count] for values in self._judge(images_adv, self.labels[index]))
        images_adv, index = images_adv[:count], index[:count]
        fooled_before, strength_before = self.fooled[index], self._strength[index]
        stronger = (fooled & ~fooled_before) | ((fooled == fooled_before) & (strength > strength_before))
        chosen = index[stronger]
        # Not index_copy, which would lose the layout in memory.
        self.images_adv = self.images_adv.clone()
        self.images_adv[chosen] = images_adv[stronger]
        self.fooled[chosen] = fooled[stronger]
        self._strength[chosen] = strength[stronger]

    def _judge(self, images_adv: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Whether each example fools, and its loss, of which more is stronger."""
        with torch.no_grad():
            logits = self.network(images_adv)
            loss = F.cross_entropy(logits, labels, reduction="none")
        reached = logits.argmax(1) == labels
        return (reached, -loss) if self.targeted else (~reached, loss)
