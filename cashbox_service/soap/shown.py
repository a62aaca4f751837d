"""Values of a request made fit to be shown, in answers and in logs.

Whatever looks like a card number is masked, whether or not its check digit is right: a mistyped card number is a
card number still.
"""

from __future__ import annotations

import re

SHOWN_LENGTH = 100
"""Characters of a value that are shown."""

_SHORTEST_CARD = 12
_LONG_NUMBER = re.compile(rf"[0-9](?:[ -]?[0-9]){{{_SHORTEST_CARD - 1},}}")
_DIGIT = re.compile("[0-9]")


def shown(value: str) -> str:
    """``value`` without card numbers, cut to a sane length."""
    return _LONG_NUMBER.sub(_masked, value[: 2 * SHOWN_LENGTH])[:SHOWN_LENGTH]


def _masked(found: re.Match[str]) -> str:
    number = found[0]
    return _DIGIT.sub("X", number[:-4]) + number[-4:]
