"""How good is an explanation? Measures against a lesion mask, of faithfulness and of stability."""

from custom.explain.measures.faithfulness import FaithfulnessCurves, area_under_curve, faithfulness_curves
from custom.explain.measures.localization import (
    IOU_THRESHOLDS,
    centered_disc,
    energy_inside,
    iou_curve,
    pointing_game,
)
from custom.explain.measures.measure import measure_explanation
from custom.explain.measures.stability import rank_correlation
from custom.metrics.explanation_measures import MEASURE_NAMES, MEASURES, SUFFIXES

__all__ = [
    "IOU_THRESHOLDS",
    "MEASURES",
    "MEASURE_NAMES",
    "SUFFIXES",
    "FaithfulnessCurves",
    "area_under_curve",
    "centered_disc",
    "energy_inside",
    "faithfulness_curves",
    "iou_curve",
    "measure_explanation",
    "pointing_game",
    "rank_correlation",
]
