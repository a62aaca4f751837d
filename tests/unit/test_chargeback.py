"""Chargebacks: which statuses mean a loss, and with which step a dispute begins."""

from __future__ import annotations

import pytest

from cashbox_service.contract import load, versions
from cashbox_service.domain.chargeback import (
    USUAL,
    ChargebackStatus,
    begins,
    forbids_refund,
    is_undecided,
    is_usual,
    loss,
)
from cashbox_service.domain.money import Money

S = ChargebackStatus
FIVE = Money.of(5, "EUR")
NOTHING = Money.zero("EUR")


def test_the_statuses_are_those_of_the_interface() -> None:
    assert {status.value for status in S} == set(load(versions()[-1]).enums["ChargebackStatus"])


@pytest.mark.parametrize("status", S)
def test_the_amount_is_lost_unless_the_bank_only_asks_or_gave_it_back(status: ChargebackStatus) -> None:
    kept = status in {S.RETRIEVAL, S.RESPONDED, S.WON, S.DUPLICATE, S.COLLECTIONS_WON}
    assert loss(status, FIVE) == (NOTHING if kept else FIVE)


@pytest.mark.parametrize(
    ("path", "losses"),
    [
        ((S.RETRIEVAL, S.RESPONDED, S.NEW, S.CHALLENGED, S.WON), (0, 0, 5, 5, 0)),
        ((S.NEW, S.WON, S.NEW_SECOND_CHARGEBACK, S.LOST), (5, 0, 5, 5)),
        ((S.INCOMPLETE, S.NEW, S.DUPLICATE), (5, 5, 0)),
    ],
)
def test_a_dispute_on_its_way(path: tuple[ChargebackStatus, ...], losses: tuple[int, ...]) -> None:
    assert [loss(status, FIVE).amount for status in path] == list(losses)
    steps = zip((None, *path), path, strict=False)
    assert all(is_usual(previous, status) for previous, status in steps)


@pytest.mark.parametrize(
    ("previous", "status", "expected"),
    [
        (None, S.NEW, True),
        (None, S.NEW_SECOND_CHARGEBACK, True),
        (S.RETRIEVAL, S.NEW, True),
        (S.RESPONDED, S.NEW, True),
        (S.INCOMPLETE, S.NEW_SECOND_CHARGEBACK, True),
        (None, S.RETRIEVAL, False),
        (None, S.LOST, False),
        (S.NEW, S.NEW, False),
        (S.WON, S.NEW_SECOND_CHARGEBACK, False),
        (S.DUPLICATE, S.NEW, False),
    ],
)
def test_a_dispute_begins_when_it_becomes_new_for_the_first_time(
    previous: ChargebackStatus | None, status: ChargebackStatus, expected: bool
) -> None:
    assert begins(previous, status) is expected


def test_only_won_and_duplicate_chargebacks_allow_a_refund() -> None:
    assert {status for status in S if not forbids_refund(status)} == {S.WON, S.DUPLICATE}


def test_a_dispute_is_undecided_as_long_as_something_usually_follows() -> None:
    assert {status for status in S if is_undecided(status)} == {status for status in USUAL if status} - {
        S.WON
    }


def test_an_unusual_step_is_known_as_such() -> None:
    assert not is_usual(S.LOST, S.NEW)
    assert is_usual(S.LOST, S.LOST)
