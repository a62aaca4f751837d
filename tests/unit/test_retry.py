"""The calendar of retries, and when an unpaid cycle is given up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.retry import (
    Outlook,
    after_failure,
    given_up_on,
    grace_days_of,
    next_retry,
    served_through,
)

APRIL_30 = date(2024, 4, 30)
RETRY_DAYS = (3, 7, 14)


def test_retries_fall_on_their_days_after_the_service_date() -> None:
    attempts = [APRIL_30]
    while (day := next_retry(APRIL_30, RETRY_DAYS, after=attempts[-1])) is not None:
        attempts.append(day)
    assert attempts == [date(2024, 4, 30), date(2024, 5, 3), date(2024, 5, 7), date(2024, 5, 14)]


def test_retry_days_missed_by_the_runs_are_made_up_by_one_attempt() -> None:
    late = date(2024, 5, 10)
    assert next_retry(APRIL_30, RETRY_DAYS, after=APRIL_30) == date(
        2024, 5, 3
    )  # due since then, made on the 10th
    assert next_retry(APRIL_30, RETRY_DAYS, after=late) == date(2024, 5, 14)


def test_a_merchant_may_have_no_retries() -> None:
    assert next_retry(APRIL_30, (), after=APRIL_30) is None


def test_a_renewal_attempted_ahead_is_retried_after_its_service_date() -> None:
    assert next_retry(APRIL_30, RETRY_DAYS, after=date(2024, 4, 9)) == date(2024, 5, 3)


@pytest.mark.parametrize(
    ("retry_days", "grace_days", "through", "given_up"),
    [
        (RETRY_DAYS, 21, date(2024, 5, 20), date(2024, 5, 21)),
        (RETRY_DAYS, 15, date(2024, 5, 14), date(2024, 5, 15)),
        (RETRY_DAYS, 10, date(2024, 5, 14), date(2024, 5, 15)),
        ((), 21, date(2024, 5, 20), date(2024, 5, 21)),
        ((), 0, date(2024, 4, 29), date(2024, 4, 30)),
    ],
)
def test_an_unpaid_cycle_is_served_until_retries_and_grace_are_over(
    retry_days: tuple[int, ...], grace_days: int, through: date, given_up: date
) -> None:
    assert served_through(APRIL_30, retry_days, grace_days) == through
    assert given_up_on(APRIL_30, retry_days, grace_days) == given_up


@pytest.mark.parametrize(
    ("attempted_on", "hard", "outlook", "next_attempt_on"),
    [
        (date(2024, 4, 30), False, Outlook.RETRY, date(2024, 5, 3)),
        (date(2024, 5, 3), False, Outlook.RETRY, date(2024, 5, 7)),
        (date(2024, 5, 7), False, Outlook.RETRY, date(2024, 5, 14)),
        (date(2024, 5, 14), False, Outlook.GRACE, None),
        (date(2024, 5, 20), False, Outlook.GRACE, None),
        (date(2024, 5, 21), False, Outlook.GIVE_UP, None),
        (date(2024, 4, 30), True, Outlook.WAIT_FOR_PAYMENT_METHOD, None),
        (date(2024, 5, 20), True, Outlook.WAIT_FOR_PAYMENT_METHOD, None),
        (date(2024, 5, 21), True, Outlook.GIVE_UP, None),
    ],
)
def test_a_failed_attempt_leads_to_a_retry_to_grace_or_to_the_end(
    attempted_on: date, hard: bool, outlook: Outlook, next_attempt_on: date | None
) -> None:
    after = after_failure(APRIL_30, RETRY_DAYS, 21, attempted_on=attempted_on, hard=hard)
    assert (after.outlook, after.next_attempt_on) == (outlook, next_attempt_on)
    assert after.served_through == date(2024, 5, 20)


def test_without_days_of_grace_left_the_last_retry_ends_it() -> None:
    after = after_failure(APRIL_30, RETRY_DAYS, 14, attempted_on=date(2024, 5, 14), hard=False)
    assert after.outlook is Outlook.GIVE_UP
    hard = after_failure(APRIL_30, RETRY_DAYS, 10, attempted_on=date(2024, 5, 12), hard=True)
    assert hard.outlook is Outlook.WAIT_FOR_PAYMENT_METHOD


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], 21),
        ([("colour", "red")], 21),
        ([("vin:GraceDays", "7")], 7),
        ([("VIN:gracedays", " 0 ")], 0),
        ([("vin:GraceDays", "a week")], 21),
        ([("vin:GraceDays", "-1")], 21),
        ([("vin:GraceDays", "²")], 21),
        ([("vin:GraceDays", "99999999999999")], 3650),
    ],
)
def test_a_plan_may_set_its_own_days_of_grace(pairs: list[tuple[str, str]], expected: int) -> None:
    assert grace_days_of([NameValue(*pair) for pair in pairs], 21) == expected


@given(
    st.lists(st.integers(1, 60), max_size=5).map(lambda days: tuple(sorted(set(days)))),
    st.integers(0, 90),
    st.integers(0, 100),
)
def test_retries_end_and_nothing_is_attempted_after_giving_up(
    retry_days: tuple[int, ...], grace_days: int, first_attempt: int
) -> None:
    attempted = APRIL_30 + timedelta(days=first_attempt)
    attempts = 1
    after = after_failure(APRIL_30, retry_days, grace_days, attempted_on=attempted, hard=False)
    while after.next_attempt_on is not None:
        assert after.outlook is Outlook.RETRY
        assert attempted < after.next_attempt_on <= after.served_through
        attempted, attempts = after.next_attempt_on, attempts + 1
        after = after_failure(APRIL_30, retry_days, grace_days, attempted_on=attempted, hard=False)
    assert attempts <= 1 + len(retry_days)
    assert (after.outlook is Outlook.GRACE) == (attempted < APRIL_30 + timedelta(days=grace_days))
    if after.outlook is Outlook.GRACE:
        assert attempted <= after.served_through
