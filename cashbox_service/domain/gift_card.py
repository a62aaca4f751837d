"""Gift cards: what a card can be, and what may be done to it (account §1.7, §6)."""

from __future__ import annotations

from enum import StrEnum

from cashbox_service.domain.errors import InvalidRequest


class GiftCardState(StrEnum):
    """GiftCardStatusType, in the spelling of the interface."""

    ACTIVE = "Active"
    REDEMPTION_PENDING = "RedemptionPending"
    REDEEMED = "Redeemed"
    DEACTIVE = "Deactive"
    SUSPENDED = "Suspended"
    UNKNOWN = "Unknown"


def check_redeemable(state: GiftCardState) -> None:
    """Only an Active card can be redeemed. Raises InvalidRequest."""
    if state is not GiftCardState.ACTIVE:
        raise InvalidRequest(f"The gift card is {state.value}, not {GiftCardState.ACTIVE.value}.")


def after_redemption(*, done: bool, told: GiftCardState) -> GiftCardState:
    """The state after an attempt that the provider answered; without an answer the attempt is still pending."""
    if done:
        return GiftCardState.REDEEMED
    if told is GiftCardState.UNKNOWN:
        return GiftCardState.REDEMPTION_PENDING
    return GiftCardState.REDEEMED if told is GiftCardState.REDEEMED else GiftCardState.DEACTIVE
