"""``python -m custom.bundle``: the command line of ``python -m monai.bundle``, checked before MONAI is imported."""
