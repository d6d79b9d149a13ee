"""Text from data in a config, where MONAI's parser would evaluate it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# An expression, a reference or a macro at the beginning; anywhere the separator of ids, which is normalized and makes
# references relative.
_EVALUATED = re.compile(r"^[$@%]|#|[@%]::")


def config_data(value: Any) -> Any:
    r"""Write values so that MONAI's config parser gives them back as they are, whatever text they hold.

    The parser evaluates every text that begins with ``$``, ``@`` or ``%``, and changes ``#`` anywhere. Such a text
    becomes an expression that is nothing but its literal, with these characters as escape sequences.

    Args:
        value: texts, numbers, and lists and mappings of them.

    Returns:
        The same, for a JSON config.

    Example::

        >>> from custom.files.config_data import config_data
        >>> print(config_data(["NV", "$HOME"]))
        ['NV', "$'\\x24HOME'"]

    """
    if isinstance(value, Mapping):
        return {key: config_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [config_data(item) for item in value]
    if isinstance(value, str) and _EVALUATED.search(value):
        literal = repr(value)
        for character in "$@%#:":
            literal = literal.replace(character, f"\\x{ord(character):02x}")
        return f"${literal}"
    return value
