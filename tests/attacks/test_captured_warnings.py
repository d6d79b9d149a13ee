import logging
import warnings

import pytest

from custom.attacks.captured_warnings import captured_warnings


def test_logger_and_warnings_are_collected(capsys):
    logger = logging.getLogger("some-library")
    with captured_warnings("some-library") as messages:
        logger.warning("first %d", 1)
        logger.info("not this")
        warnings.warn("second", stacklevel=1)
    assert messages == ["first 1", "second"]
    assert not logger.handlers
    assert logger.propagate
    assert logger.level == logging.NOTSET
    assert capsys.readouterr().err == ""


def test_logger_is_put_back_after_an_error():
    with pytest.raises(RuntimeError), captured_warnings("some-library"):
        raise RuntimeError
    assert logging.getLogger("some-library").handlers == []
