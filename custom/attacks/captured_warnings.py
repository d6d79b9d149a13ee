"""Catching what a library warns of, for a report."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class _Collector(logging.Handler):
    """Appends the text of every record to a list."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def captured_warnings(logger_name: str) -> Iterator[list[str]]:
    """Collect warnings instead of printing them.

    Args:
        logger_name: name of the library's logger, whose records of level WARNING and above are taken.

    Yields:
        A list that fills with the messages of the logger, then with those of the ``warnings`` module.
    """
    messages: list[str] = []
    logger, collector = logging.getLogger(logger_name), _Collector(messages)
    level, propagate = logger.level, logger.propagate
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    logger.addHandler(collector)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield messages
        messages += [str(warning.message) for warning in caught]
    finally:
        logger.removeHandler(collector)
        logger.setLevel(level)
        logger.propagate = propagate
