"""Synthetic dermoscopy: skin, hair, ruler marks, bubbles, and lesions whose pattern decides the class."""

from custom.data.synthetic.dataset import make_synthetic
from custom.data.synthetic.image import render
from custom.data.synthetic.lesion import CLASSES

__all__ = ["CLASSES", "make_synthetic", "render"]
