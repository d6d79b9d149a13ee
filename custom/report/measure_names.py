"""What tables call the measures of explanations."""

from custom.explain.measures.names import MEASURE_NAMES

__all__ = ["MEASURE_NAMES"]
