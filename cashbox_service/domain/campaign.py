"""Campaigns: when an offer stands, what it covers, and what becomes of its codes.

A campaign is switched on and off by its merchant, and the clock does the rest: state and code states are worked out
from what was done and when, so that switching on a campaign of a million codes changes one row.
Source: campaign §1 – §4.2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Final

RANDOM_LENGTH: Final = 16
"""How many characters of a coupon code are random (campaign §3)."""

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""What they are made of: letters and digits that nobody takes for one another."""


class CampaignState(StrEnum):
    """What a campaign is at a moment, in the spelling of the interface; Undefined stands for cancelled (§2.3)."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"
    PENDING = "Pending"
    COMPLETE = "Complete"
    CANCELLED = "Undefined"


class CampaignType(StrEnum):
    """How codes are handed out: one for everybody, or one for each."""

    COUPON = "Coupon"
    PROMOTION = "Promotion"


class Switch(StrEnum):
    """What the merchant did last; cancelled is for good."""

    OFF = "off"
    ON = "on"
    CANCELLED = "cancelled"


class CampaignEvent(Enum):
    """What a merchant does with a campaign."""

    ACTIVATE = auto()
    ACTIVATE_NOW = auto()
    """Activate, and begin at once where the offer lies ahead."""
    DEACTIVATE = auto()
    CANCEL = auto()


_E, _S = CampaignEvent, CampaignState

_TRANSITIONS: Final[Mapping[tuple[CampaignEvent, CampaignState], Switch]] = {
    (_E.ACTIVATE, _S.INACTIVE): Switch.ON,
    (_E.ACTIVATE, _S.ACTIVE): Switch.ON,
    (_E.ACTIVATE_NOW, _S.INACTIVE): Switch.ON,
    (_E.ACTIVATE_NOW, _S.PENDING): Switch.ON,
    (_E.ACTIVATE_NOW, _S.ACTIVE): Switch.ON,
    (_E.DEACTIVATE, _S.ACTIVE): Switch.OFF,
    (_E.DEACTIVATE, _S.PENDING): Switch.OFF,
    (_E.DEACTIVATE, _S.INACTIVE): Switch.OFF,
    **{(_E.CANCEL, state): Switch.CANCELLED for state in _S},
}
"""What may be done in which state, and where it leads; everything else is refused (§2.1)."""

CHANGEABLE: Final = frozenset({_S.INACTIVE, _S.PENDING})
"""States in which a campaign may be changed (§2.4)."""


def switched(state: CampaignState, event: CampaignEvent) -> Switch | None:
    """Where an event leads from a state; None when it is refused."""
    return _TRANSITIONS.get((event, state))


@dataclass(frozen=True, slots=True)
class Offer:
    """What the state of a campaign depends on: what was done with it, and from when to when codes are taken."""

    switch: Switch
    ever_activated: bool
    starts_at: datetime
    ends_at: datetime | None = None
    cancelled_at: datetime | None = None

    def state(self, now: datetime) -> CampaignState:
        """Both ends of the offer belong to it."""
        if self.switch is Switch.CANCELLED:
            return CampaignState.CANCELLED
        if self.has_ended(now):
            return CampaignState.COMPLETE
        if self.switch is Switch.OFF:
            return CampaignState.INACTIVE
        return CampaignState.PENDING if now < self.starts_at else CampaignState.ACTIVE

    def has_ended(self, now: datetime) -> bool:
        """Whether the offer ran out; never of one that was not activated, nor after it was cancelled."""
        until = now if self.cancelled_at is None else min(now, self.cancelled_at)
        return self.ever_activated and self.ends_at is not None and self.ends_at < until


class CouponCodeState(StrEnum):
    """What one coupon code is, in the spelling of the interface (§3)."""

    INITIALIZED = "Initialized"
    NOT_YET_ACTIVATED = "Not Yet Activated"
    ACTIVATED = "Activated"
    RETRIEVED = "Retrieved"
    REDEEMED = "Redeemed"
    EXPIRED = "Expired"
    MARKED_USED = "Marked Used"
    INVALIDATED = "Invalidated"


@dataclass(frozen=True, slots=True)
class Retirement:
    """All codes up to a sequence number were taken out of use at once: marked used, or invalidated."""

    up_to: int
    state: CouponCodeState


@dataclass(frozen=True, slots=True)
class CodeBook:
    """What a campaign says of all its codes.

    ``was_active``: it has been active at some time. ``retirements`` stand in the order in which they were made.
    """

    was_active: bool
    has_ended: bool
    needs_activation: bool
    max_redemptions: int
    retirements: tuple[Retirement, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeMarks:
    """What was done with one code."""

    sequence: int
    redemptions: int = 0
    retrieved: bool = False
    activated: bool = False


def code_state(book: CodeBook, code: CodeMarks) -> CouponCodeState:
    """The state of a code. Final ones come first, and of retirements the one that reached the code first."""
    if code.redemptions >= book.max_redemptions:
        return CouponCodeState.REDEEMED
    retired = next((one for one in book.retirements if code.sequence <= one.up_to), None)
    if retired is not None:
        return retired.state
    if book.has_ended:
        return CouponCodeState.EXPIRED
    if book.was_active:
        ready = code.activated or not book.needs_activation
        return CouponCodeState.ACTIVATED if ready else CouponCodeState.NOT_YET_ACTIVATED
    return CouponCodeState.RETRIEVED if code.retrieved else CouponCodeState.INITIALIZED


def retire(retirements: Sequence[Retirement], up_to: int, state: CouponCodeState) -> tuple[Retirement, ...]:
    """The retirements once all codes up to ``up_to`` are taken out of use; those that are already stay as they are."""
    reached = retirements[-1].up_to if retirements else 0
    return tuple(retirements) if up_to <= reached else (*retirements, Retirement(up_to, state))


def covers_item(
    products: Collection[str], plans: Collection[str], product_vid: str | None, plan_vid: str | None
) -> bool:
    """Whether an offer on these products and plans goes for a product, sold on a plan or on none (§4.2)."""
    if not products and not plans:
        return True
    return product_vid in products and (not plans or plan_vid in plans)


def covers_plan(products: Collection[str], plans: Collection[str], plan_vid: str) -> bool:
    """Whether an offer on these products and plans goes for the price of a plan (§4.2)."""
    return plan_vid in plans or not (products or plans)


def code_key(text: str) -> str:
    """A code as it is looked up: the prefix counts as it is, the random part whatever its letters' case (§3)."""
    trimmed = text.strip()
    return trimmed[:-RANDOM_LENGTH] + trimmed[-RANDOM_LENGTH:].upper()


def coupon_codes(prefix: str, separator: str, random: bytes) -> list[str]:
    """One code for every `RANDOM_LENGTH` random bytes; each byte stands for any character with equal chance."""
    characters = random.translate(_CHARACTERS).decode("ascii")
    head = f"{prefix}{separator}"
    starts = range(0, len(characters) - RANDOM_LENGTH + 1, RANDOM_LENGTH)
    return [head + characters[start : start + RANDOM_LENGTH] for start in starts]


_CHARACTERS: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
