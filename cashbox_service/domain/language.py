"""Language codes of accounts, products and templates (conventions §2.4)."""

from __future__ import annotations

import re
from typing import Final

ENGLISH: Final = "en"

_TWO_LETTERS: Final = {
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
}
"""Codes of ISO 639-2 for languages that have built-in texts; the registry of IANA has the short ones."""


MAX_TAG: Final = 40

_TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


def is_tag(language: str) -> bool:
    """Whether it is written like a language code."""
    return len(language) <= MAX_TAG and _TAG.fullmatch(tag_of(language)) is not None


def tag_of(language: str) -> str:
    """The code without letter case and with hyphens: ``de_AT`` is ``de-at``."""
    return language.strip().casefold().replace("_", "-")


def primary_of(language: str) -> str:
    """The language without its region, in two letters where that is known: ``GER`` and ``de-AT`` are ``de``."""
    primary = tag_of(language).partition("-")[0]
    return _TWO_LETTERS.get(primary, primary)


def choices(language: str | None) -> tuple[str, ...]:
    """Where to look for a text in this language: as given, without region, and in English at last."""
    given = (tag_of(language), primary_of(language)) if language and language.strip() else ()
    return tuple(dict.fromkeys((*given, ENGLISH)))
