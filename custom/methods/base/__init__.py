"""What all training methods share."""

from custom.handlers.adversarial_examples import Examples, Statistic
from custom.methods.base.create import create_method, method_names
from custom.methods.base.method import Method
from custom.methods.base.radius_per_image import RadiusPerImage

__all__ = ["Examples", "Method", "RadiusPerImage", "Statistic", "create_method", "method_names"]
