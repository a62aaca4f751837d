"""Keeping secrets out of logs: card numbers, verification numbers, passwords and keys.

Two nets, one behind the other. `redact_fields` replaces the values of fields with a telling name; `redact_text`
searches finished text for card numbers (any Luhn-valid run of 12 to 19 digits, blanks and dashes inside allowed) and
for secrets written as XML elements, assignments or JSON members. Identifiers of the service itself (32 or 40
hexadecimal characters) are left alone, since some of them contain long runs of digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

REMOVED = "[removed]"

_TELLING_NAMES = (
    r"password|passwd|passphrase|secret|cvn\w*|cvv2?|cvc2?|securitycode|security_code|securitykey|security_key"
    r"|api_?key|hmac_?key|private_?key|encryption_?key|authorization|x-api-key|cookie"
    r"|pan|card_?number|account_?number|routing_?number|iban"
)
_ALLOWED = frozenset({"cvncode", "cvn_code"})
"""Results of a check, not the secret itself."""

_SECRET_NAME = re.compile(rf"(?:[a-z0-9]+[_-])*(?:{_TELLING_NAMES})(?:_hash)?", re.IGNORECASE)

_DIGITS = re.compile(r"(?P<id>\b(?:[0-9a-f]{40}|[0-9a-f]{32})\b)|\d+(?:[ -]{1,2}\d+)*")
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{32}")
_ENOUGH_DIGITS = re.compile(r"\d(?:[ -]{0,2}\d){11}")
_GROUP = re.compile(r"\d+")
_SHORTEST, _LONGEST = 12, 19
_TWELVE_DIGITS: Final = 100_000_000_000
"""The smallest number that a card could have."""

_PLAIN = frozenset({str, int, float, bool, type(None)})
_MOST_GROUPS = 6
_SMALLEST_GROUP = 3
"""Printed card numbers have groups of three and more digits; dates and times have groups of two."""

_XML_SECRET = re.compile(
    rf"(<[\w.:-]{{0,60}}?(?<![a-z0-9])(?!cvnCode)(?:{_TELLING_NAMES}|account)(?:_hash)?\b[^<>]*>\s*)[^<\s][^<]*",
    re.IGNORECASE,
)
_ASSIGNED_SECRET = re.compile(
    rf"(?<![a-z0-9])((?!cvn_?code)(?:{_TELLING_NAMES})(?:_hash)?[\"'\\]*\s*[=:]\s*(?:(?:Basic|Bearer)\s+)?[\"'\\]*)"
    rf"(?!\[removed\])[^\s\"'\\&,;<>\])}}]+",
    re.IGNORECASE,
)
_HINTS = (
    "passw", "passphrase", "secret", "cvn", "cvv", "cvc", "securit", "key", "authorization", "cookie", "pan", "number",
    "iban",
)  # fmt: skip
"""One of them is part of every name in `_TELLING_NAMES`."""

_NAMED_CVN = re.compile(r"(vin:CVN\b.{0,80}?value\b[^>\w]*(?:[^<>]*>)?\W*)\w+", re.IGNORECASE | re.DOTALL)


def redact_fields(value: Any, name: str = "") -> Any:
    """A copy of ``value`` without secrets: nested mappings and lists too. ``name`` is the field it stands in."""
    if name and _is_secret(name) and value is not None:
        return REMOVED
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {key: redact_fields(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact_fields(inner) for inner in value]
    return value


def is_harmless(value: object) -> bool:
    """Whether a value is seen at a glance to hold nothing for `redact_text`: a word, a small number, an id of ours."""
    if isinstance(value, str):
        return value.isalpha() or _ID.fullmatch(value) is not None
    if isinstance(value, int | float):
        return abs(value) < _TWELVE_DIGITS and value == round(
            value, 2
        )  # a fraction may be as long as a card number
    return value is None


def redact_text(text: str) -> str:
    """``text`` without card numbers and secrets.

    Most lines hold nothing to remove; cheap searches tell, so that every call can be logged.
    """
    if _ENOUGH_DIGITS.search(text):
        text = _DIGITS.sub(_without_cards, text)
    if "<" in text:
        text = _XML_SECRET.sub(rf"\g<1>{REMOVED}", text)
    lowered = text.lower()
    if "vin:cvn" in lowered:
        text = _NAMED_CVN.sub(rf"\g<1>{REMOVED}", text)
    if any(hint in lowered for hint in _HINTS):
        text = _ASSIGNED_SECRET.sub(rf"\g<1>{REMOVED}", text)
    return text


def is_card_number(digits: str) -> bool:
    """Whether a run of digits could be a card number: 12 to 19 of them with a right check digit, not all zero."""
    return _SHORTEST <= len(digits) <= _LONGEST and digits.strip("0") != "" and _luhn(digits)


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    return name.lower() not in _ALLOWED and _SECRET_NAME.fullmatch(name) is not None


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + position % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _without_cards(found: re.Match[str]) -> str:
    """The matched digits with every card number in them masked to its last four."""
    text = found[0]
    if found["id"] or len(text) < _SHORTEST:
        return text
    groups = list(_GROUP.finditer(text))
    masked: list[str] = []
    position = start = 0
    while start < len(groups):
        end = _card_end(groups, start)
        if end is None:
            start += 1
            continue
        last_four = "".join(group[0] for group in groups[start:end])[-4:]
        masked += [text[position : groups[start].start()], f"[card {last_four}]"]
        position = groups[end - 1].end()
        start = end
    return "".join([*masked, text[position:]])


def _card_end(groups: list[re.Match[str]], start: int) -> int | None:
    """The group after the longest card number that begins with group ``start``; None when none begins there."""
    digits, longest = "", None
    for end, group in enumerate(groups[start : start + _MOST_GROUPS], start + 1):
        digits += group[0]
        if len(digits) > _LONGEST or (len(group[0]) < _SMALLEST_GROUP and end - start > 1):
            break
        if is_card_number(digits):
            longest = end
    return longest
