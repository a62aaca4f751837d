"""When an offer stands, what it covers, and what becomes of its codes (campaign §2 – §4.2)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.campaign import (
    ALPHABET,
    CampaignEvent,
    CampaignState,
    CodeBook,
    CodeMarks,
    CouponCodeState,
    Offer,
    Retirement,
    Switch,
    code_key,
    code_state,
    coupon_codes,
    covers_item,
    covers_plan,
    retire,
    switched,
)

NOW = datetime(2024, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)
ON = Offer(Switch.ON, True, NOW - DAY, NOW + DAY)
S, C = CampaignState, CouponCodeState


@pytest.mark.parametrize(
    ("offer", "state"),
    [
        (ON, S.ACTIVE),
        (replace(ON, ends_at=None), S.ACTIVE),
        (replace(ON, starts_at=NOW), S.ACTIVE),
        (replace(ON, ends_at=NOW), S.ACTIVE),
        (replace(ON, starts_at=NOW + timedelta(seconds=1)), S.PENDING),
        (replace(ON, ends_at=NOW - timedelta(seconds=1)), S.COMPLETE),
        (replace(ON, switch=Switch.OFF), S.INACTIVE),
        (replace(ON, switch=Switch.OFF, ends_at=NOW - DAY), S.COMPLETE),
        (replace(ON, switch=Switch.OFF, ends_at=NOW - DAY, ever_activated=False), S.INACTIVE),
        (replace(ON, switch=Switch.CANCELLED, cancelled_at=NOW - DAY), S.CANCELLED),
    ],
)
def test_the_state_of_an_offer(offer: Offer, state: CampaignState) -> None:
    assert offer.state(NOW) is state


def test_an_offer_that_was_cancelled_before_its_end_never_ended() -> None:
    cancelled = replace(ON, switch=Switch.CANCELLED, cancelled_at=NOW, ends_at=NOW + DAY)
    assert not cancelled.has_ended(NOW + 9 * DAY)
    assert replace(cancelled, ends_at=NOW - DAY).has_ended(NOW)


@pytest.mark.parametrize("event", CampaignEvent)
@pytest.mark.parametrize("state", S)
def test_what_may_be_done_in_which_state(event: CampaignEvent, state: CampaignState) -> None:
    allowed = {
        CampaignEvent.ACTIVATE: {S.INACTIVE, S.ACTIVE},
        CampaignEvent.ACTIVATE_NOW: {S.INACTIVE, S.ACTIVE, S.PENDING},
        CampaignEvent.DEACTIVATE: {S.INACTIVE, S.ACTIVE, S.PENDING},
        CampaignEvent.CANCEL: set(S),
    }
    assert (switched(state, event) is not None) is (state in allowed[event])


BOOK = CodeBook(was_active=True, has_ended=False, needs_activation=False, max_redemptions=2)
FRESH = CodeMarks(5)


@pytest.mark.parametrize(
    ("book", "code", "state"),
    [
        (replace(BOOK, was_active=False), FRESH, C.INITIALIZED),
        (replace(BOOK, was_active=False), replace(FRESH, retrieved=True), C.RETRIEVED),
        (BOOK, FRESH, C.ACTIVATED),
        (replace(BOOK, needs_activation=True), FRESH, C.NOT_YET_ACTIVATED),
        (replace(BOOK, needs_activation=True), replace(FRESH, activated=True), C.ACTIVATED),
        (BOOK, replace(FRESH, redemptions=1), C.ACTIVATED),
        (BOOK, replace(FRESH, redemptions=2), C.REDEEMED),
        (replace(BOOK, has_ended=True), FRESH, C.EXPIRED),
        (replace(BOOK, has_ended=True), replace(FRESH, redemptions=2), C.REDEEMED),
        (replace(BOOK, retirements=(Retirement(5, C.MARKED_USED),)), FRESH, C.MARKED_USED),
        (replace(BOOK, retirements=(Retirement(4, C.MARKED_USED),)), FRESH, C.ACTIVATED),
    ],
)
def test_the_state_of_a_code(book: CodeBook, code: CodeMarks, state: CouponCodeState) -> None:
    assert code_state(book, code) is state


retirements = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from([C.MARKED_USED, C.INVALIDATED])), max_size=8
)


@given(retirements, st.integers(1, 20))
def test_what_took_a_code_out_of_use_first_stays(
    made: list[tuple[int, CouponCodeState]], sequence: int
) -> None:
    kept: tuple[Retirement, ...] = ()
    for up_to, state in made:
        kept = retire(kept, up_to, state)
    first = next((state for up_to, state in made if sequence <= up_to), C.ACTIVATED)
    assert code_state(replace(BOOK, retirements=kept), CodeMarks(sequence)) is first


@pytest.mark.parametrize(
    ("products", "plans", "product", "plan", "covered"),
    [
        ((), (), "a", "p", True),
        ((), (), None, None, True),
        (("a",), (), "a", None, True),
        (("a",), (), "b", "p", False),
        (("a",), (), None, None, False),
        (("a",), ("p",), "a", "p", True),
        (("a",), ("p",), "a", "q", False),
        (("a",), ("p",), "a", None, False),
        ((), ("p",), "a", "p", False),
    ],
)
def test_which_items_an_offer_covers(
    products: tuple[str, ...], plans: tuple[str, ...], product: str | None, plan: str | None, covered: bool
) -> None:
    assert covers_item(products, plans, product, plan) is covered


def test_which_plans_an_offer_covers() -> None:
    assert covers_plan((), (), "p")
    assert covers_plan(("a",), ("p",), "p")
    assert not covers_plan(("a",), (), "p")
    assert not covers_plan((), ("q",), "p")


@given(st.integers(0, 40))
def test_every_code_is_of_its_own_bytes(number: int) -> None:
    made = coupon_codes("Pre", "-", secrets.token_bytes(16 * number + 15))
    assert len(set(made)) == len(made) == number
    assert all(len(code) == 20 and set(code[4:]) <= set(ALPHABET) for code in made)


def test_every_byte_stands_for_any_character_as_often() -> None:
    made = "".join(coupon_codes("", "", bytes(range(256))))
    assert {made.count(character) for character in ALPHABET} == {8}


@given(st.text(max_size=5), st.text(ALPHABET, min_size=16, max_size=16))
def test_a_code_is_found_however_its_random_part_is_written(prefix: str, random: str) -> None:
    code = f"P{prefix}{random}"
    assert code_key(f" {code[:-16]}{random.lower()} ") == code
