"""What the credit history says of every grant and of every balance of tokens (account §1.4).

The amounts of an entry are positive; which way they go follows from its type. Added up they must give what is left, and
that is how the audit proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.catalog import CreditPart


class CreditEventType(StrEnum):
    """What an entry of the credit history is about, in the spelling of the interface."""

    GRANT = "Grant"
    REVOCATION = "Revocation"
    CONSUMPTION = "Consumption"
    REFUND = "Refund"
    GIFT_CARD_REDEMPTION = "GiftCardRedemption"
    GIFT_CARD_REVERSAL = "GiftCardReversal"
    GIFT_CARD_STATUS_INQUIRY = "GiftCardStatusInquiry"


EFFECTS: Final[Mapping[CreditEventType, int]] = {
    CreditEventType.GRANT: 1,
    CreditEventType.REVOCATION: -1,
    CreditEventType.CONSUMPTION: -1,
    CreditEventType.REFUND: 1,
    CreditEventType.GIFT_CARD_REDEMPTION: 1,
    CreditEventType.GIFT_CARD_REVERSAL: 0,
    CreditEventType.GIFT_CARD_STATUS_INQUIRY: 0,
}
"""The sign of an entry's amounts. A gift card that is reversed stays credited (account §6.3)."""

ENTRY = tuple[str, str, tuple[CreditPart, ...]]
"""An entry: whose account, its type, its parts."""

_WHOLE: Final = Decimal(1)


def grants_left(entries: Iterable[ENTRY]) -> Mapping[str, Decimal]:
    """What the entries leave of each grant of money or time, by its VID; a grant of time counts 1."""
    left: dict[str, Decimal] = {}
    for _, type_, parts in entries:
        sign = EFFECTS[CreditEventType(type_)]
        for part in parts:
            if part.kind != "token" and part.vid is not None:
                amount = part.amount if part.kind == "currency" and part.amount is not None else _WHOLE
                left[part.vid] = left.get(part.vid, Decimal(0)) + sign * amount
    return left


def tokens_left(entries: Iterable[ENTRY]) -> dict[tuple[str, str], int]:
    """What the entries add to the balance of each account and token type."""
    left: dict[tuple[str, str], int] = {}
    for account, type_, parts in entries:
        sign = EFFECTS[CreditEventType(type_)]
        for part in parts:
            if part.kind == "token" and part.token_vid is not None:
                key = (account, part.token_vid)
                left[key] = left.get(key, 0) + sign * int(part.amount or 0)
    return left
