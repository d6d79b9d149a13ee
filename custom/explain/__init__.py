"""Explanations by Grad-CAM; ``measures`` says how good they are, ``results`` stores and compares them."""

from custom.explain.grad_cam import Method, grad_cam
from custom.explain.hooked_network import HookedNetwork
from custom.explain.target_layer import TargetLayer, find_target_layer

__all__ = ["HookedNetwork", "Method", "TargetLayer", "find_target_layer", "grad_cam"]
