"""The report of a study: a pure function of its records."""

from custom.study.report.write import write_report

__all__ = ["write_report"]
