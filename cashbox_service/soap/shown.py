"""Values of a request made fit to be shown, in answers and in logs.

In a value that could not be read, whatever looks like a card number is masked, whether or not its check digit is right:
a mistyped card number is a card number still. A whole sentence (``said``) may quote ids of many digits, which its
reader looks for; there only numbers that cards really have are masked.
"""

from __future__ import annotations

import re

from cashbox_service.domain.instruments import brand, luhn_valid

SAID_LENGTH = 1000
"""Characters of a return string. Clients look at the first 512 bytes."""

SHOWN_LENGTH = 100
"""Characters of a value that are shown."""

_SHORTEST_CARD = 12
_LONG_NUMBER = re.compile(rf"[0-9](?:[ -]?[0-9]){{{_SHORTEST_CARD - 1},}}")
_DIGIT = re.compile("[0-9]")
_PRINTED_CARD = re.compile(
    r"(?P<id>\b(?:[0-9a-f]{40}|[0-9a-f]{32})\b)"
    "|(?<![0-9])"
    "(?:[0-9]{13,19}|[0-9]{4}(?:[ -][0-9]{4}){2}[ -][0-9]{1,7}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5})"
    "(?![0-9])"
)
"""As one number, or in the groups of a card's face. An ``id`` is one of the service's own, and no card."""

_SHARED_RANGES = ("220", "50", "56", "57", "58", "6")
"""Beginnings of card numbers whose brand they do not tell: Mir, Maestro, UnionPay."""


def shown(value: str) -> str:
    """``value`` without card numbers, cut to a sane length."""
    return _LONG_NUMBER.sub(_masked, value[: 2 * SHOWN_LENGTH])[:SHOWN_LENGTH]


def said(text: str) -> str:
    """A sentence about a request: without card numbers, cut to a sane length."""
    masked = _PRINTED_CARD.sub(_masked_card, text[: 2 * SAID_LENGTH])
    return masked if len(masked) <= SAID_LENGTH else masked[:SAID_LENGTH] + "…"


def without_cards(text: str) -> str:
    """A text of any length without card numbers."""
    return _PRINTED_CARD.sub(_masked_card, text) if _DIGIT.search(text) else text


def _masked_card(found: re.Match[str]) -> str:
    if found["id"]:
        return found[0]
    return _masked(found) if is_card("".join(_DIGIT.findall(found[0]))) else found[0]


def is_card(digits: str) -> bool:
    """Whether the number may be a card's: of an issuer of cards, with a right check digit."""
    issued = brand(digits) is not None or digits.startswith(_SHARED_RANGES)
    return issued and luhn_valid(digits)


def _masked(found: re.Match[str]) -> str:
    number = found[0]
    return _DIGIT.sub("X", number[:-4]) + number[-4:]
