"""Data sets: datalists, splits by lesion, HAM10000, one's own images, synthetic dermoscopy."""

from custom.data.datalist import class_names, data_hash, load_datalist, write_datalist

__all__ = ["class_names", "data_hash", "load_datalist", "write_datalist"]
