"""A copy of a network in which BatchNorm, in evaluation mode, is part of the convolution before it."""

import copy
import logging
from dataclasses import dataclass, field

import torch
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_weights

logger = logging.getLogger(__name__)

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d


@dataclass
class FoldedPair:
    """A convolution, the BatchNorm behind it, and the convolution that replaces both."""

    convolution: Convolution
    batch_norm: _BatchNorm
    folded: Convolution

    def refresh(self) -> None:
        r"""Recompute the folded weights.

        .. math:: w' = w \gamma / \sqrt{v + \varepsilon}

        .. math:: b' = (b - m) \gamma / \sqrt{v + \varepsilon} + \beta
        """
        norm = self.batch_norm
        # Only a BatchNorm with running statistics is ever folded.
        assert norm.running_mean is not None
        assert norm.running_var is not None
        weight, bias = fuse_conv_bn_weights(
            self.convolution.weight,
            self.convolution.bias,
            norm.running_mean,
            norm.running_var,
            norm.eps,
            norm.weight,
            norm.bias,
        )
        self.folded.weight = nn.Parameter(weight.detach(), requires_grad=False)
        self.folded.bias = nn.Parameter(bias.detach(), requires_grad=False)


@dataclass
class FoldedNetwork:
    """The outcome of folding: what to call and which weights to refresh.

    All other modules, parameters and buffers are the network's own, so they are always up to date.

    Attributes:
        module: computes the network's logits in evaluation mode.
        pairs: the convolutions that were folded.
    """

    module: nn.Module
    pairs: list[FoldedPair] = field(default_factory=list)

    def refresh(self) -> None:
        """Recompute all folded weights from the network's own."""
        for pair in self.pairs:
            pair.refresh()


def fold(network: nn.Module) -> FoldedNetwork:
    """Fold every BatchNorm whose input is the output of a convolution that nothing else reads.

    The network is traced. If a forward method cannot be traced (it depends on the values it sees), its
    children are folded one by one instead.

    Args:
        network: a module in evaluation mode; it is not changed.

    Returns:
        The folded network; without pairs if there was nothing to fold.
    """
    try:
        graph_module = fx.GraphModule(network, _Tracer().trace(network))
    except Exception as error:  # Whatever the tracer raises, the network works without it.
        logger.debug("%s cannot be traced (%s): its children are folded.", type(network).__name__, error)
        return _fold_children(network)
    return _fold_graph(graph_module)


class _Tracer(fx.Tracer):
    """Takes every BatchNorm as a whole, also one that torch does not know."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, _BatchNorm) or super().is_leaf_module(m, module_qualified_name)


def _fold_children(network: nn.Module) -> FoldedNetwork:
    """Fold the children of a module, in a shallow copy of it."""
    children = {name: fold(child) for name, child in network.named_children()}
    pairs = [pair for child in children.values() for pair in child.pairs]
    if not pairs:
        return FoldedNetwork(network)
    clone = copy.copy(network)
    clone._modules = {**network._modules, **{name: child.module for name, child in children.items()}}
    return FoldedNetwork(clone, pairs)


def _fold_graph(graph_module: fx.GraphModule) -> FoldedNetwork:
    """Fold within a traced module, whose submodules are the network's own."""
    modules = dict(graph_module.named_modules())
    called = [node.target for node in graph_module.graph.nodes if node.op == "call_module"]
    pairs: list[FoldedPair] = []
    for node in list(graph_module.graph.nodes):
        before = node.args[0] if node.op == "call_module" and node.args else None
        if not isinstance(before, fx.Node) or before.op != "call_module":
            continue
        convolution, batch_norm = modules.get(str(before.target)), modules.get(str(node.target))
        if not isinstance(convolution, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
            continue
        if not isinstance(batch_norm, _BatchNorm) or batch_norm.running_mean is None:
            continue
        # A convolution called or read twice would need two weights.
        if called.count(before.target) > 1 or len(before.users) > 1:
            continue
        folded = copy.copy(convolution)
        folded._parameters = dict(convolution._parameters)
        pair = FoldedPair(convolution, batch_norm, folded)
        name = f"folded_{len(pairs)}"
        graph_module.add_submodule(name, pair.folded)
        before.target = name
        node.replace_all_uses_with(before)
        graph_module.graph.erase_node(node)
        pairs.append(pair)
    graph_module.delete_all_unused_submodules()
    graph_module.recompile()
    return FoldedNetwork(graph_module, pairs)


def agrees(folded: nn.Module, network: nn.Module, images: Tensor) -> bool:
    """Whether two networks give the same logits on ``images``, up to a thousandth of the largest."""
    with torch.no_grad():
        expected = network(images)
        return bool((folded(images) - expected).abs().max() <= 1e-3 * expected.abs().max().clamp_min(1.0))
