"""The customer's standing permission to debit a bank account (transaction §2, field 33)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mandate:
    """A direct-debit mandate: when it was given, what it is called, and its MandateStatus."""

    created: datetime | None = None
    identifier: str | None = None
    status: str | None = None
