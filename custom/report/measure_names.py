"""How the measures of explanations are called in tables."""

MEASURES = {
    "pointing_game": "Pointing game: the map's maximum lies in the lesion",
    "energy_inside": "Energy: share of the map inside the lesion",
    "iou": "IoU of map and lesion at the best threshold",
    "rank_correlation": "Stability: rank correlation of clean and attacked map",
    "deletion": "Deletion: area below the curve (small is good)",
    "insertion": "Insertion: area below the curve (large is good)",
}
"""What each measure is called in tables."""

SUFFIXES = {"": "", "_attacked": ", attacked image", "_blob": ", centred disc for comparison"}

MEASURE_NAMES = {
    name + suffix: description + words for name, description in MEASURES.items() for suffix, words in SUFFIXES.items()
}
"""What each measure is called, in the order of tables: of the clean map, the attacked map and the disc."""
