"""Data sets: datalists, splits that keep lesions together, HAM10000, one's own folders, synthetic dermoscopy."""

from custom.data.datalist import class_names, data_hash, load_datalist, write_datalist

__all__ = ["class_names", "data_hash", "load_datalist", "write_datalist"]
