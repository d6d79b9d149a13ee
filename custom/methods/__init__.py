"""Training methods, one file each: which adversarial examples a method trains on, and by which loss."""

from custom.methods.base import Examples, Method, RadiusPerImage, Statistic, create_method, method_names

__all__ = ["Examples", "Method", "RadiusPerImage", "Statistic", "create_method", "method_names"]
