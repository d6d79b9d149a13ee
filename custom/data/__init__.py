"""Data sets: datalists, splits by lesion, HAM10000, one's own images, synthetic dermoscopy."""

from custom.data.data_hash import data_hash
from custom.data.datalist import load_datalist
from custom.data.datalist_properties import (
    class_descriptions,
    class_names,
    group_unit,
    intensity_window,
    volume_spacing,
)
from custom.data.select_items import select_items
from custom.data.spatial_size import spatial_size
from custom.data.write_datalist import write_datalist

__all__ = [
    "class_descriptions",
    "class_names",
    "data_hash",
    "group_unit",
    "intensity_window",
    "load_datalist",
    "select_items",
    "spatial_size",
    "volume_spacing",
    "write_datalist",
]
