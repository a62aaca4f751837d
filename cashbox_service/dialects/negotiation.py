"""Which format a body is in, and in which one the answer is written: decided here for all dialects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Media(StrEnum):
    """A format of bodies."""

    JSON = "json"
    XML = "xml"
    JSV = "jsv"
    CSV = "csv"
    FORM = "form"


TYPES: Final[Mapping[str, Media]] = {
    "application/json": Media.JSON,
    "text/json": Media.JSON,
    "application/vnd.oracle.adf.resourceitem+json": Media.JSON,
    "application/vnd.oracle.adf.resourcecollection+json": Media.JSON,
    "application/xml": Media.XML,
    "text/xml": Media.XML,
    "text/jsv": Media.JSV,
    "application/jsv": Media.JSV,
    "text/csv": Media.CSV,
    "application/x-www-form-urlencoded": Media.FORM,
}
"""Every media type that any dialect knows."""


@dataclass(frozen=True, slots=True)
class Formats:
    """The media types of a dialect, the default first. With ``by_name`` a suffix or ``?format=`` chooses too."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    by_name: bool = False
    mirrored: bool = True
    """Whether the answer is in the format of the request where nobody says otherwise."""

    @property
    def default(self) -> str:
        return self.writes[0]

    def named(self, name: str | None) -> str | None:
        """The media type that is called ``json``, ``xml``, ``jsv`` or ``csv``."""
        return next((one for one in self.writes if name is not None and TYPES[one] == name.lower()), None)


class UnsupportedMedia(ValueError):
    """The body is in a format that the dialect does not read."""


def media_type(content_type: str | None) -> str:
    """A Content-Type without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def of_body(formats: Formats, content_type: str | None) -> Media:
    """The format of a body, the default where nobody says. Raises `UnsupportedMedia`."""
    given = media_type(content_type)
    if not given:
        return TYPES[formats.reads[0]]
    if given not in formats.reads:
        raise UnsupportedMedia(
            f"Content-Type {given[:60]} is not supported; send {', '.join(formats.reads)}."
        )
    return TYPES[given]


def of_answer(
    formats: Formats,
    *,
    query: str | None = None,
    suffix: str | None = None,
    accept: str | None = None,
    content_type: str | None = None,
) -> str:
    """The media type of the answer: the query beats the suffix, which beats Accept, which beats Content-Type."""
    if formats.by_name:
        named = formats.named(query) or formats.named(suffix)
        if named is not None:
            return named
    accepted = _accepted(formats, accept or "")
    if accepted is not None:
        return accepted
    own = media_type(content_type)
    return own if formats.mirrored and own in formats.writes else formats.default


def _accepted(formats: Formats, accept: str) -> str | None:
    """The best type that Accept names; one that takes anything says nothing."""
    for wanted in _by_quality(accept):
        if wanted in formats.writes:
            return wanted
        kind, _, subtype = wanted.partition("/")
        if subtype == "*" and kind != "*":
            found = next((one for one in formats.writes if one.startswith(f"{kind}/")), None)
            if found is not None:
                return found
    return None


def _by_quality(accept: str) -> list[str]:
    weighed: list[tuple[float, str]] = []
    for part in accept.split(",")[:20]:
        name, *parameters = [piece.strip().lower() for piece in part.split(";")]
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if name and quality > 0:
            weighed.append((quality, name))
    return [name for _, name in sorted(weighed, key=lambda one: -one[0])]
