"""A page in the browser on which trained models are attacked side by side; ``page`` and ``server`` alone need Gradio.

Nothing else in the package imports this one.
"""

from custom.explorer.comparison import Comparison, alert, data_uri
from custom.explorer.explorer import Attacked, Clean, Explorer
from custom.explorer.model import ExplorerModel, read_model
from custom.explorer.split_images import SplitImages
from custom.explorer.subject import Subject, check_upload
from custom.explorer.threat import ATTACKS, RadiusScale, Threat, radius_scale

__all__ = [
    "ATTACKS",
    "Attacked",
    "Clean",
    "Comparison",
    "Explorer",
    "ExplorerModel",
    "RadiusScale",
    "SplitImages",
    "Subject",
    "Threat",
    "alert",
    "check_upload",
    "data_uri",
    "radius_scale",
    "read_model",
]
