"""What all training methods share."""

from custom.handlers.adversarial_examples import Examples, Statistic
from custom.methods.base.create import create_method, method_names
from custom.methods.base.method import Method

__all__ = ["Examples", "Method", "Statistic", "create_method", "method_names"]
