"""A MONAI Deploy application: an exported bundle at work on DICOM and picture files. Not for clinical use."""

__version__ = "0.1.0"
