"""The forms in which data sets come; each module reads one."""

from custom.data.forms.recognize import FORMS, recognize
from custom.data.forms.recognized import FormOptions, Recognized

__all__ = ["FORMS", "FormOptions", "Recognized", "recognize"]
