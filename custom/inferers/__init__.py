"""How a network is called on clean and adversarial images."""

from custom.inferers.adversarial_inferer import AdversarialInferer, AdversarialLogits

__all__ = ["AdversarialInferer", "AdversarialLogits"]
