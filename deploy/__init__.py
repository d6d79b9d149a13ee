"""A MONAI Deploy application: an exported bundle at work on DICOM and image files. Not for clinical use."""

__version__ = "0.1.0"
