"""Training methods, one file each: which adversarial examples a method trains on, and by which loss."""

from custom.methods.base import Examples, Method, Statistic, create_method, method_names

__all__ = ["Examples", "Method", "Statistic", "create_method", "method_names"]
