"""What every kind of payment instrument shares when it is stored: its record, merging, and keyed hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cashbox_service.app.context import Work
from cashbox_service.domain import instruments as rules
from cashbox_service.domain.errors import DataValidation

FAILED = "Failed to create Payment-Type-Specific Payment Record: "

Details = dict[str, Any]


@dataclass(slots=True)
class Instrument:
    """What is kept of a type-specific object. ``number`` is set when a full number was given."""

    details: Details
    fingerprint: str | None = None
    sealed: str | None = None
    number: rules.Secret | None = None


def merge_given(details: Details, part: object, *names: str) -> None:
    """Values that are given replace, empty texts clear, the rest stays (conventions §5.3)."""
    for name in names:
        value = getattr(part, name)
        if value == "":
            details.pop(name, None)
        elif value is not None:
            details[name] = value


def require(details: Details, part: str, **names: str) -> None:
    """Raises DataValidation for the first of ``names``, stored name to wire name, that is not there."""
    for stored, wire in names.items():
        if not details.get(stored):
            raise missing(f"{part}.{wire}")


def missing(name: str) -> DataValidation:
    """The refusal of an instrument without a part that it has to have."""
    return DataValidation(f"{FAILED}{name} is missing")


def keyed_hash(work: Work, kind: str, value: str) -> str:
    """The fingerprint by which the same instrument is recognised."""
    return work.env.vault.fingerprint(value, sealing_context(work, kind))


def sealing_context(work: Work, kind: str) -> str:
    """Binds a sealed value to its merchant and kind."""
    return f"{work.merchant.vid}/{kind}"
