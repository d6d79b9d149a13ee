"""A small residual network for small images, on which a robust classifier trains in minutes on a CPU."""

from __future__ import annotations

from monai.networks.nets import ResNet


def small_resnet(num_classes: int, channels: int = 3, spatial_dims: int = 2) -> ResNet:
    """Build MONAI's ResNet with one basic block of 16, 32, 64 and 64 channels per stage.

    The stem is a 5x5 convolution of stride 2 without the max pooling after it: at 64x64 the networks for 224x224 lose
    the patterns of a lesion in their stems. 0.2 million weights.

    Args:
        num_classes: number of logits.
        channels: of the images.
        spatial_dims: 2 for images, 3 for volumes.

    Example::

        >>> import torch
        >>> from custom.networks.small_resnet import small_resnet
        >>> small_resnet(3)(torch.rand(2, 3, 64, 64)).shape
        torch.Size([2, 3])

    """
    return ResNet(
        "basic",
        layers=[1, 1, 1, 1],
        block_inplanes=[16, 32, 64, 64],
        spatial_dims=spatial_dims,
        n_input_channels=channels,
        conv1_t_size=5,
        conv1_t_stride=2,
        no_max_pool=True,
        num_classes=num_classes,
    )
