"""BatchNorm with the statistics of all processes' parts of a mini-batch, on CPUs."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class SynchronizedBatchNorm(_BatchNorm):
    """What torch's ``SyncBatchNorm`` is on GPUs, for CPUs, on which that refuses to work.

    In evaluation mode, and in a process that trains alone, it is plain BatchNorm.

    Example::

        >>> import torch
        >>> from custom.distributed import SynchronizedBatchNorm
        >>> SynchronizedBatchNorm(3)(torch.rand(4, 3, 8, 8)).shape
        torch.Size([4, 3, 8, 8])

    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalize one process's part of a mini-batch.

        Args:
            input: shape (B, C, *spatial).

        Returns:
            Of the same shape.
        """
        if not self.training or not dist.is_initialized() or dist.get_world_size() == 1:
            return super().forward(input)
        axes = [0, *range(2, input.ndim)]
        shape = [1, -1] + [1] * (input.ndim - 2)
        # In two steps, as a difference of large sums would lose what is to be found.
        sums = _Sum.apply(torch.cat([input.sum(axes), input.new_tensor([input.numel() / input.shape[1]])]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centered = input - mean.view(shape)
        variance = _Sum.apply(centered.square().sum(axes)) / count
        if self.track_running_stats:
            self._track(mean.detach(), variance.detach() * count / (count - 1))
        normalized = centered * (variance + self.eps).rsqrt().view(shape)
        return normalized * self.weight.view(shape) + self.bias.view(shape) if self.affine else normalized

    def _track(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics towards those of a mini-batch, each of shape (C,)."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        momentum = 1.0 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, momentum)
        self.running_var.lerp_(variance, momentum)

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim < 2:
            raise ValueError(f"BatchNorm needs images of shape (B, C, *spatial), not {tuple(input.shape)}.")

    @classmethod
    def convert(cls, network: nn.Module) -> nn.Module:
        """Put synchronized layers in the place of all BatchNorm layers, with the same weights and statistics.

        Args:
            network: changed in place, unless it is such a layer itself.

        Returns:
            The network.
        """
        if isinstance(network, _BatchNorm):
            layer = cls(
                network.num_features, network.eps, network.momentum, network.affine, network.track_running_stats
            )
            # The very same tensors, as an optimizer may know them.
            layer._parameters, layer._buffers = network._parameters, network._buffers
            return layer.train(network.training)
        for name, child in network.named_children():
            setattr(network, name, cls.convert(child))
        return network


class _Sum(torch.autograd.Function):
    """The sum of a tensor over all processes, with its gradient."""

    @staticmethod
    def forward(ctx: object, values: Tensor) -> Tensor:
        values = values.clone()
        dist.all_reduce(values)
        return values

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        gradient = gradients[0].clone()
        dist.all_reduce(gradient)
        return gradient
