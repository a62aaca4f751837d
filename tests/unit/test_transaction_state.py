"""The status machine of a transaction (transaction §4, §6.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.errors import IllegalState
from cashbox_service.domain.transaction_state import (
    AttemptSummary,
    TransactionStatusType,
    advance,
    can_advance,
    summary,
)

LEGAL = {
    ("", "New"),
    ("New", "Authorized"),
    ("New", "AuthorizedForValidation"),
    ("New", "AuthorizationPending"),
    ("New", "AuthorizedPending"),
    ("New", "Cancelled"),
    ("New", "Captured"),
    ("AuthorizationPending", "Authorized"),
    ("AuthorizationPending", "AuthorizedForValidation"),
    ("AuthorizationPending", "Cancelled"),
    ("AuthorizationPending", "Pending"),
    ("AuthorizationPending", "AuthorizedPending"),
    ("AuthorizationPending", "Captured"),
    ("Pending", "Captured"),
    ("Pending", "Authorized"),
    ("Pending", "Cancelled"),
    ("AuthorizedPending", "Captured"),
    ("AuthorizedPending", "Cancelled"),
    ("Authorized", "Captured"),
    ("Authorized", "Cancelled"),
    ("Captured", "Refunded"),
    ("Captured", "Cancelled"),
    ("Refunded", "Refunded"),
    ("Refunded", "Captured"),
}
STATUSES = [status.value for status in TransactionStatusType]


def status(text: str) -> TransactionStatusType | None:
    return TransactionStatusType(text) if text else None


@pytest.mark.parametrize("new", STATUSES)
@pytest.mark.parametrize("current", ["", *STATUSES])
def test_a_step_is_taken_exactly_when_the_table_has_it(current: str, new: str) -> None:
    target = TransactionStatusType(new)
    assert can_advance(status(current), target) is ((current, new) in LEGAL)
    if (current, new) in LEGAL:
        assert advance(status(current), target) is target
        return
    with pytest.raises(IllegalState) as refused:
        advance(status(current), target, key="INT00011722")
    assert (refused.value.kind, refused.value.key, refused.value.state) == (
        "Transaction",
        "INT00011722",
        current,
    )


@pytest.mark.parametrize("new", STATUSES)
def test_what_was_charged_elsewhere_comes_as_supplied(new: str) -> None:
    target = TransactionStatusType(new)
    assert advance(None, target, reported=True) is target
    assert advance(TransactionStatusType.CAPTURED, target, reported=True) is target


@pytest.mark.parametrize(
    ("result", "digest"),
    [
        ("Authorized", "Success"),
        ("Captured", "Success"),
        ("AuthorizationPending", "Pending"),
        ("AuthorizedPending", "Pending"),
        ("Pending", "Pending"),
        ("New", "Failure"),
        ("AuthorizedForValidation", "Failure"),
        ("Cancelled", "Failure"),
        ("Settled", "Failure"),
        ("Refunded", "Failure"),
    ],
)
def test_a_payment_attempt_is_summed_up_by_its_status(result: str, digest: str) -> None:
    assert summary(TransactionStatusType(result)) is AttemptSummary(digest)


def test_every_status_is_summed_up() -> None:
    assert len(STATUSES) == 10
    assert all(summary(TransactionStatusType(text)) in AttemptSummary for text in STATUSES)


@given(st.lists(st.sampled_from(TransactionStatusType), max_size=30))
def test_money_once_lost_is_never_captured_again_and_given_back_only_when_the_refund_fails(
    wishes: list[TransactionStatusType],
) -> None:
    log = [advance(None, TransactionStatusType.NEW)]
    for wish in wishes:
        if can_advance(log[-1], wish):
            log.append(advance(log[-1], wish))
    captured = [place for place, one in enumerate(log) if one is TransactionStatusType.CAPTURED]
    assert all(log[place - 1] is TransactionStatusType.REFUNDED for place in captured[1:])
    assert log.count(TransactionStatusType.NEW) == 1
    if TransactionStatusType.CANCELLED in log:
        assert log[-1] is TransactionStatusType.CANCELLED
    if TransactionStatusType.REFUNDED in log:
        assert TransactionStatusType.CAPTURED in log
