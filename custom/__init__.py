"""Adversarially robust medical image classification: what the bundle's configs compose beside MONAI."""
