"""Credit that a refund gives back: to which of the grants a transaction used it returns (refund-chargeback §2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.credit import CreditUse

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class RestoredCredit:
    """Credit that went back to the owner of a used grant, as a new one.

    ``of_grant`` is the grant that the transaction had used, ``part`` describes the new one; ``taken_back`` is what was
    taken of it again because the refund failed.
    """

    of_grant: str
    part: CreditPart
    taken_back: Decimal = _NOTHING

    @property
    def standing(self) -> Decimal:
        """What the owner keeps of it."""
        return (self.part.amount or _NOTHING) - self.taken_back


def still_used(used: Sequence[CreditUse], restored: Iterable[RestoredCredit]) -> list[CreditUse]:
    """The uses that were not undone, in the order of use."""
    undone: dict[str, Decimal] = {}
    for one in restored:
        undone[one.of_grant] = undone.get(one.of_grant, _NOTHING) + one.standing
    found = []
    for use in used:
        gone = min(undone.get(use.grant_vid, _NOTHING), use.amount)
        undone[use.grant_vid] = undone.get(use.grant_vid, _NOTHING) - gone
        if use.amount > gone:
            found.append(CreditUse(use.grant_vid, use.amount - gone))
    return found


def to_restore(
    used: Sequence[CreditUse], restored: Iterable[RestoredCredit], amount: Decimal
) -> list[CreditUse]:
    """Which uses ``amount`` undoes: the latest first. Raises ValueError for more than is left."""
    found = []
    for use in reversed(still_used(used, restored)):
        part = min(use.amount, amount)
        if part > 0:
            found.append(CreditUse(use.grant_vid, part))
            amount -= part
    if amount > 0:
        raise ValueError("more credit is given back than was used")
    return found
