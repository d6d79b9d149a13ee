"""The small networks and images of the attacks' tests."""

from tests.attacks.conftest import images, labels, make_classifier, make_images_fixture, network

__all__ = ["images", "labels", "make_classifier", "make_images_fixture", "network"]
