"""The measures of explanations, and what tables call them: light enough for whoever only shows them."""

MEASURES = {
    "vanished": "Vanished: share of maps that are 0 throughout",
    "pointing_game": "Pointing game: the map's maximum lies in the lesion",
    "energy_inside": "Energy: share of the map inside the lesion",
    "iou": "IoU of map and lesion at the best threshold",
    "rank_correlation": "Stability: rank correlation of clean and attacked map",
    "deletion": "Deletion: area under the curve (lower is better)",
    "insertion": "Insertion: area under the curve (higher is better)",
}
"""The measures, in the order of tables."""

SUFFIXES = {"": "", "_attacked": ", attacked image", "_blob": ", centered disc as a baseline"}
"""Whose map a measure belongs to: the clean image's, the attacked image's, or a disc that has not seen the image."""

MEASURE_NAMES = {
    name + suffix: description + words for name, description in MEASURES.items() for suffix, words in SUFFIXES.items()
}
"""What tables call a measure, by its name with suffix."""
