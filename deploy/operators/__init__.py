"""The operators of the application, each a thin wrapper of a function that works without the SDK."""

from deploy.operators.check_stability import CheckStabilityOperator
from deploy.operators.classify import Classified, ClassifyOperator
from deploy.operators.image_operator import ImageOperator
from deploy.operators.load import LoadOperator
from deploy.operators.overlay import Drawn, OverlayOperator
from deploy.operators.report import ReportOperator
from deploy.operators.write import WriteOperator

__all__ = [
    "CheckStabilityOperator",
    "Classified",
    "ClassifyOperator",
    "Drawn",
    "ImageOperator",
    "LoadOperator",
    "OverlayOperator",
    "ReportOperator",
    "WriteOperator",
]
