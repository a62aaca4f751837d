"""The life of an AutoBill (autobill §3, §5.3; billing-engine §9, §13)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.autobill_state import (
    ENDED,
    NEW,
    TERMINAL,
    AutoBillEvent,
    AutoBillStatus,
    BillingState,
    FirstBilling,
    ImmediateAuthFailurePolicy,
    Standing,
    after,
    after_billing,
    after_everything_paid,
    after_failed_attempt,
    after_first_billing,
    after_money_taken_back,
    legal_standings,
)
from cashbox_service.domain.errors import IllegalState

LEGAL = {
    ("Processing", "Unbilled"),
    ("Pending Activation", "Unbilled"),
    ("Pending Activation", "Pending Acceptance"),
    ("Active", "Good Standing"),
    ("Active", "Free/Trial"),
    ("Active", "In Retry"),
    ("Active", "Unusable PaymentMethod"),
    ("Active", "Grace Period"),
    ("Active", "Overdue"),
    ("Active", "Billing Completed"),
    ("Pending Cancel", "Billing Completed"),
    ("Cancelled", "Billing Completed"),
    ("Cancelled", "Failed To Collect"),
    ("Expired", "Billing Completed"),
}
TROUBLE = ["In Retry", "Unusable PaymentMethod", "Grace Period", "Overdue"]


def standing(text: str) -> Standing:
    status, _, billing_state = text.partition(" / ")
    return Standing(AutoBillStatus(status), BillingState(billing_state))


def text_of(value: Standing | None) -> str | None:
    return None if value is None else f"{value.status.value} / {value.billing_state.value}"


def test_exactly_the_documented_pairs_are_legal() -> None:
    pairs = {(status.value, state.value) for status in AutoBillStatus for state in BillingState
             if Standing(status, state).is_legal}  # fmt: skip
    assert pairs == LEGAL
    assert {(one.status.value, one.billing_state.value) for one in legal_standings()} == LEGAL


@pytest.mark.parametrize(
    ("before", "event", "result"),
    [
        ("Processing / Unbilled", "SAVED_FOR_LATER", "Pending Activation / Unbilled"),
        ("Processing / Unbilled", "BILLED", "Active / Good Standing"),
        ("Processing / Unbilled", "BILLED_FREE", "Active / Free/Trial"),
        ("Pending Activation / Unbilled", "BILLED", "Active / Good Standing"),
        ("Pending Activation / Unbilled", "BILLED_FREE", "Active / Free/Trial"),
        ("Pending Activation / Unbilled", "FAILED_SOFT", "Active / In Retry"),
        ("Pending Activation / Unbilled", "FAILED_HARD", "Active / Unusable PaymentMethod"),
        ("Active / Good Standing", "FAILED_SOFT", "Active / In Retry"),
        ("Active / Free/Trial", "FAILED_SOFT", "Active / In Retry"),
        ("Active / In Retry", "FAILED_SOFT", "Active / In Retry"),
        ("Active / Good Standing", "FAILED_HARD", "Active / Unusable PaymentMethod"),
        ("Active / In Retry", "FAILED_HARD", "Active / Unusable PaymentMethod"),
        ("Active / In Retry", "RETRIES_EXHAUSTED", "Active / Grace Period"),
        ("Active / In Retry", "NOT_COLLECTED", "Cancelled / Failed To Collect"),
        ("Active / Grace Period", "NOT_COLLECTED", "Cancelled / Failed To Collect"),
        ("Active / Unusable PaymentMethod", "NOT_COLLECTED", "Cancelled / Failed To Collect"),
        ("Active / Overdue", "NOT_COLLECTED", "Cancelled / Failed To Collect"),
        ("Active / Unusable PaymentMethod", "PAYMENT_METHOD_REPLACED", "Active / In Retry"),
        ("Active / Grace Period", "PAYMENT_METHOD_REPLACED", "Active / In Retry"),
        ("Active / Good Standing", "PAYMENT_METHOD_REPLACED", "Active / Good Standing"),
        ("Active / Good Standing", "BILLED_FREE", "Active / Free/Trial"),
        ("Active / Free/Trial", "BILLED", "Active / Good Standing"),
        ("Active / Good Standing", "INVOICE_OVERDUE", "Active / Overdue"),
        ("Active / Overdue", "INVOICE_OVERDUE", "Active / Overdue"),
        ("Active / Good Standing", "BILLING_ENDED", "Active / Billing Completed"),
        ("Active / Good Standing", "PLAN_ENDED", "Expired / Billing Completed"),
        ("Active / Billing Completed", "PLAN_ENDED", "Expired / Billing Completed"),
        ("Active / Grace Period", "PLAN_ENDED", "Active / Grace Period"),
        ("Active / Good Standing", "CANCELLED", "Pending Cancel / Billing Completed"),
        ("Active / Free/Trial", "CANCELLED", "Pending Cancel / Billing Completed"),
        ("Active / In Retry", "CANCELLED", "Cancelled / Failed To Collect"),
        ("Active / Overdue", "CANCELLED", "Cancelled / Failed To Collect"),
        ("Pending Activation / Unbilled", "CANCELLED", "Pending Cancel / Billing Completed"),
        ("Pending Cancel / Billing Completed", "CANCELLED", "Pending Cancel / Billing Completed"),
        ("Pending Cancel / Billing Completed", "CANCELLED_AT_ONCE", "Cancelled / Billing Completed"),
        ("Pending Activation / Unbilled", "CANCELLED_AT_ONCE", "Cancelled / Billing Completed"),
        ("Active / Good Standing", "CANCELLED_AT_ONCE", "Cancelled / Billing Completed"),
        ("Active / In Retry", "CANCELLED_AT_ONCE", "Cancelled / Failed To Collect"),
        ("Pending Cancel / Billing Completed", "SERVICE_ENDED", "Cancelled / Billing Completed"),
        ("Cancelled / Failed To Collect", "CANCELLED_AT_ONCE", "Cancelled / Failed To Collect"),
        ("Expired / Billing Completed", "CANCELLED", "Expired / Billing Completed"),
    ],
)
def test_an_event_leads_where_the_table_says(before: str, event: str, result: str) -> None:
    assert text_of(after(standing(before), AutoBillEvent[event])) == result


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ("Active / Good Standing", "SAVED_FOR_LATER"),
        ("Cancelled / Billing Completed", "BILLED"),
        ("Pending Cancel / Billing Completed", "BILLED_FREE"),
        ("Active / Good Standing", "RETRIES_EXHAUSTED"),
        ("Active / Grace Period", "RETRIES_EXHAUSTED"),
        ("Active / Good Standing", "NOT_COLLECTED"),
        ("Expired / Billing Completed", "NOT_COLLECTED"),
    ],
)
def test_an_impossible_step_is_refused_and_names_the_autobill(before: str, event: str) -> None:
    with pytest.raises(IllegalState) as refused:
        after(standing(before), AutoBillEvent[event], "S1")
    assert str(refused.value) == f"AutoBill S1 is in state {before}."


@pytest.mark.parametrize(
    ("outcome", "policy", "result"),
    [
        ("APPROVED", "doNotSaveAutoBill", "Active / Good Standing"),
        ("APPROVED", "putAutoBillInRetryCycle", "Active / Good Standing"),
        ("APPROVED", "putAutoBillInRetryCycleIfPaymentMethodIsValid", "Active / Good Standing"),
        ("FREE", "doNotSaveAutoBill", "Active / Free/Trial"),
        ("FREE", "putAutoBillInRetryCycle", "Active / Free/Trial"),
        ("FREE", "putAutoBillInRetryCycleIfPaymentMethodIsValid", "Active / Free/Trial"),
        ("DECLINED_SOFT", "doNotSaveAutoBill", None),
        ("DECLINED_SOFT", "putAutoBillInRetryCycle", "Active / In Retry"),
        ("DECLINED_SOFT", "putAutoBillInRetryCycleIfPaymentMethodIsValid", "Active / In Retry"),
        ("DECLINED_HARD", "doNotSaveAutoBill", None),
        ("DECLINED_HARD", "putAutoBillInRetryCycle", "Active / Unusable PaymentMethod"),
        ("DECLINED_HARD", "putAutoBillInRetryCycleIfPaymentMethodIsValid", None),
        ("REFUSED_BY_POLICY", "doNotSaveAutoBill", None),
        ("REFUSED_BY_POLICY", "putAutoBillInRetryCycle", None),
        ("REFUSED_BY_POLICY", "putAutoBillInRetryCycleIfPaymentMethodIsValid", None),
    ],
)
def test_the_policy_decides_what_a_declined_first_billing_leaves(
    outcome: str, policy: str, result: str | None
) -> None:
    assert text_of(after_first_billing(FirstBilling[outcome], ImmediateAuthFailurePolicy(policy))) == result


@pytest.mark.parametrize("trouble", TROUBLE)
def test_paying_everything_brings_an_active_autobill_back(trouble: str) -> None:
    before = standing(f"Active / {trouble}")
    assert text_of(after_everything_paid(before)) == "Active / Good Standing"
    assert text_of(after_everything_paid(before, free=True)) == "Active / Free/Trial"


@pytest.mark.parametrize(
    ("before", "result"),
    [
        ("Active / Good Standing", "Active / Good Standing"),
        ("Active / Free/Trial", "Active / Free/Trial"),
        ("Pending Activation / Unbilled", "Pending Activation / Unbilled"),
        ("Pending Cancel / Billing Completed", "Pending Cancel / Billing Completed"),
        ("Expired / Billing Completed", "Expired / Billing Completed"),
        ("Cancelled / Billing Completed", "Cancelled / Billing Completed"),
        ("Cancelled / Failed To Collect", "Cancelled / Billing Completed"),
    ],
)
def test_paying_everything_revives_nothing(before: str, result: str) -> None:
    assert text_of(after_everything_paid(standing(before))) == result
    assert text_of(after_everything_paid(standing(before), free=True)) == result
    if not before.startswith(("Active", "Pending Activation")):
        assert text_of(after_billing(standing(before), free=False)) == result


def test_a_billed_cycle_gives_good_standing_or_the_free_trial() -> None:
    before = standing("Active / In Retry")
    assert text_of(after_billing(before, free=False)) == "Active / Good Standing"
    assert text_of(after_billing(before, free=True)) == "Active / Free/Trial"


def test_a_failed_attempt_is_soft_or_hard() -> None:
    before = standing("Active / Good Standing")
    assert text_of(after_failed_attempt(before, hard=False)) == "Active / In Retry"
    assert text_of(after_failed_attempt(before, hard=True)) == "Active / Unusable PaymentMethod"


@pytest.mark.parametrize(
    ("before", "result"),
    [
        ("Active / Good Standing", "Active / In Retry"),
        ("Active / Free/Trial", "Active / In Retry"),
        ("Active / In Retry", "Active / In Retry"),
        ("Active / Grace Period", "Active / In Retry"),
        ("Active / Unusable PaymentMethod", "Active / Unusable PaymentMethod"),
        ("Pending Cancel / Billing Completed", "Pending Cancel / Billing Completed"),
        ("Cancelled / Billing Completed", "Cancelled / Billing Completed"),
        ("Expired / Billing Completed", "Expired / Billing Completed"),
    ],
)
def test_money_taken_back_from_a_charged_autobill_is_a_failed_attempt(before: str, result: str) -> None:
    assert text_of(after_money_taken_back(standing(before), paid_by_hand=False, overdue=True)) == result


@pytest.mark.parametrize(
    ("before", "overdue", "result"),
    [
        ("Active / Good Standing", True, "Active / Overdue"),
        ("Active / Good Standing", False, "Active / Good Standing"),
        ("Active / Overdue", True, "Active / Overdue"),
        ("Pending Cancel / Billing Completed", True, "Pending Cancel / Billing Completed"),
        ("Cancelled / Billing Completed", True, "Cancelled / Billing Completed"),
    ],
)
def test_money_taken_back_makes_an_autobill_paid_by_hand_overdue_by_date(
    before: str, overdue: bool, result: str
) -> None:
    assert text_of(after_money_taken_back(standing(before), paid_by_hand=True, overdue=overdue)) == result


def test_an_autobill_that_only_waits_for_its_end_has_ended_but_is_not_terminal() -> None:
    assert standing("Pending Cancel / Billing Completed").has_ended
    assert not standing("Active / Billing Completed").has_ended
    assert {status.value for status in ENDED} - {status.value for status in TERMINAL} == {"Pending Cancel"}
    assert "Cancelled" in ENDED


events = st.lists(st.sampled_from(AutoBillEvent), max_size=40)


@given(events)
def test_whatever_happens_the_standing_is_legal_and_an_end_is_an_end(happenings: list[AutoBillEvent]) -> None:
    now = NEW
    for event in happenings:
        before = now
        try:
            now = after(before, event)
        except IllegalState:
            continue
        assert now.is_legal
        assert not before.has_ended or now.has_ended
        assert before.status not in TERMINAL or now.status is before.status


@given(st.sampled_from(sorted(LEGAL)), events)
def test_unpaid_standings_end_as_failed_to_collect_and_paid_ones_as_completed(
    pair: tuple[str, str], happenings: list[AutoBillEvent]
) -> None:
    now = standing(" / ".join(pair))
    for event in happenings:
        before = now
        try:
            now = after(before, event)
        except IllegalState:
            continue
        if now.has_ended and not before.has_ended:
            assert (now.billing_state is BillingState.FAILED_TO_COLLECT) == (
                before.billing_state.value in TROUBLE
            )
