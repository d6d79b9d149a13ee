"""Explanations of a classifier by Grad-CAM, and measures of how good they are."""

from custom.explain.comparison import compare_explanations, measures_markdown
from custom.explain.explanation_folder import ExplanationFolder
from custom.explain.faithfulness import FaithfulnessCurves, area_under_curve, faithfulness_curves
from custom.explain.files import read_map, safe_file_name, write_map
from custom.explain.grad_cam import Method, grad_cam
from custom.explain.hooked_network import HookedNetwork
from custom.explain.localisation import (
    IOU_THRESHOLDS,
    centred_blob,
    energy_inside,
    iou_curve,
    pointing_game,
)
from custom.explain.measure import measure_explanation, without_nan
from custom.explain.pictures import SheetRow, explanation_sheet, overlay
from custom.explain.records import ExplanationRecord
from custom.explain.stability import rank_correlation
from custom.explain.summary import (
    described_measures,
    mean_interval,
    summarise_explanations,
    write_measures_csv,
)
from custom.explain.target_layer import find_target_layer

__all__ = [
    "IOU_THRESHOLDS",
    "ExplanationFolder",
    "ExplanationRecord",
    "FaithfulnessCurves",
    "HookedNetwork",
    "Method",
    "SheetRow",
    "area_under_curve",
    "centred_blob",
    "compare_explanations",
    "described_measures",
    "energy_inside",
    "explanation_sheet",
    "faithfulness_curves",
    "find_target_layer",
    "grad_cam",
    "iou_curve",
    "mean_interval",
    "measure_explanation",
    "measures_markdown",
    "overlay",
    "pointing_game",
    "rank_correlation",
    "read_map",
    "safe_file_name",
    "summarise_explanations",
    "without_nan",
    "write_map",
    "write_measures_csv",
]
