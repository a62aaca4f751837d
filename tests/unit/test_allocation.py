"""Where a payment goes (autobill §6.26, account §3.3, billing-engine §6, §7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.allocation import (
    Disposition,
    Distribution,
    PayableInvoice,
    PaymentScope,
    allocate,
    payment_amount,
    select_target,
)
from cashbox_service.domain.credit import CreditOwner, OwnerKind
from cashbox_service.domain.errors import IllegalState, InvalidValue, InvoiceNotFound, NothingPayable
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.money import Money, total

OPEN, DUE, OVERDUE = InvoiceState.OPEN, InvoiceState.DUE, InvoiceState.OVERDUE
OLDEST, THIS, CREDIT = Disposition.OLDEST_INVOICE, Disposition.THIS_AUTOBILL, Disposition.CREDIT
DAY = date(2024, 4, 30)
CREATED = datetime(2024, 1, 31, 18, tzinfo=UTC)
ACCOUNT = CreditOwner.account("acc")
ON_S1 = PaymentScope(OwnerKind.AUTOBILL, "acc", "S1")
ON_ACCOUNT = PaymentScope(OwnerKind.ACCOUNT, "acc", "S1")


def usd(amount: str) -> Money:
    return Money.of(Decimal(amount), "USD")


def invoice(
    key: str,
    balance: str = "10.00",
    state: InvoiceState = DUE,
    autobill: str = "S1",
    due: int = 0,
    number: int = 0,
    created: int = 0,
    currency: str = "USD",
) -> PayableInvoice:
    return PayableInvoice(
        key=key,
        invoice_id=f"id of {key}",
        autobill=autobill,
        number=number,
        state=state,
        due_on=DAY + timedelta(days=due),
        made_at=CREATED + timedelta(days=created),
        balance=Money.of(Decimal(balance), currency),
    )


def parts(distribution: Distribution) -> dict[str, str]:
    return {allocation.key: str(allocation.amount.amount) for allocation in distribution.allocations}


# --- the disposition a caller names ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        (None, OLDEST),
        ("", OLDEST),
        ("applytoOldestInvoice", OLDEST),
        ("applyToOldestInvoice", OLDEST),
        ("APPLYTOOLDESTINVOICE", OLDEST),
        ("applyToThisAutoBill", THIS),
        ("applytothisautobill", THIS),
        ("applytoCredit", CREDIT),
        ("applyToCredit", CREDIT),
    ],
)
def test_a_disposition_is_read_in_any_letter_case(text: str | None, disposition: Disposition) -> None:
    assert Disposition.parse(text) is disposition


@pytest.mark.parametrize("text", ["credit", "applyToNewestInvoice", " "])
def test_an_unknown_disposition_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Disposition.parse(text)
    assert refused.value.field == "overageDisposition"


# --- the invoice a payment is meant for -----------------------------------------------------------------


def test_the_oldest_unpaid_invoice_is_the_one_due_first() -> None:
    later, first = invoice("later", due=1, number=1), invoice("first", state=OVERDUE, number=7)
    assert select_target([later, first], None, "Account acc") is first
    assert select_target([later, first], "", "Account acc") is first


def test_invoices_of_the_same_due_date_are_ordered_by_number_then_by_the_age_of_their_autobill() -> None:
    a = invoice("a", number=2)
    b = invoice("b", number=1, created=5, autobill="S2")
    c = invoice("c", number=1, created=3, autobill="S3")
    assert select_target([a, b, c], None, "x") is c
    assert select_target([a, b], None, "x") is b


@pytest.mark.parametrize("state", [s for s in InvoiceState if s not in (DUE, OVERDUE)])
def test_only_due_and_overdue_invoices_are_found_without_a_name(state: InvoiceState) -> None:
    with pytest.raises(NothingPayable) as refused:
        select_target([invoice("a", state=state)], None, "AutoBill Product Serial S1")
    assert str(refused.value) == (
        "No Transaction Billing objects which can accept payment were found for AutoBill Product Serial S1"
    )


def test_an_invoice_without_a_balance_is_not_unpaid() -> None:
    owing = invoice("owing", due=3)
    assert select_target([invoice("settled", "0.00"), owing], None, "x") is owing


@pytest.mark.parametrize("state", [OPEN, DUE, OVERDUE])
def test_a_named_invoice_is_taken_when_it_can_be_paid(state: InvoiceState) -> None:
    named = invoice("named", state=state, due=9)
    assert select_target([invoice("older"), named], "id of named", "x") is named


@pytest.mark.parametrize(
    "state", [InvoiceState.PAID, InvoiceState.WRITTEN_OFF, InvoiceState.CLOSED], ids=lambda state: state.value
)
def test_a_named_invoice_that_takes_no_payment_is_refused(state: InvoiceState) -> None:
    with pytest.raises(IllegalState) as refused:
        select_target([invoice("a", state=state), invoice("b")], "id of a", "x")
    assert str(refused.value) == f"Invoice id of a cannot accept payment in state {state.value}."


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InvoiceNotFound) as refused:
        select_target([invoice("a")], "S9-00000000", "x")
    assert str(refused.value) == "Invoice S9-00000000 not found."


def test_of_two_invoices_with_one_name_the_payable_one_is_meant() -> None:
    paid = replace(invoice("old", state=InvoiceState.PAID), invoice_id="S1-00000000")
    due = replace(invoice("new", due=9), invoice_id="S1-00000000")
    assert select_target([paid, due], "S1-00000000", "x") is due


# --- the amount -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", [None, "", "USD"])
def test_the_currency_defaults_to_that_of_the_invoice(currency: str | None) -> None:
    assert payment_amount(Decimal("20.005"), currency, invoice("a")) == usd("20.01")


@pytest.mark.parametrize("amount", ["0", "-1", "0.004"])
def test_an_amount_that_is_not_positive_is_refused(amount: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        payment_amount(Decimal(amount), "USD", invoice("a"))
    assert str(refused.value) == "Amount must be greater than zero."


def test_another_currency_is_refused() -> None:
    with pytest.raises(InvalidValue) as refused:
        payment_amount(Decimal(1), "EUR", invoice("a"))
    assert str(refused.value) == "Currency EUR does not match invoice currency USD."


# --- the distribution -----------------------------------------------------------------------------------


@pytest.mark.parametrize("disposition", Disposition)
@pytest.mark.parametrize("amount", ["0.01", "5.00", "10.00"])
def test_a_payment_up_to_the_balance_goes_to_the_target_alone(amount: str, disposition: Disposition) -> None:
    target = invoice("target", due=5)
    older = invoice("older")
    distribution = allocate(usd(amount), target, [older, target], disposition, ON_S1)
    assert parts(distribution) == {"target": amount}
    assert distribution.remainder.is_zero


SHOP = [
    invoice("S1 target", "13.20", OVERDUE, due=0, number=3),
    invoice("S1 due", "5.00", due=2, number=5),
    invoice("S1 older", "4.00", OVERDUE, due=1, number=4),
    invoice("S1 open", "9.00", OPEN, due=-9, number=6),
    invoice("S2 oldest", "3.00", OVERDUE, autobill="S2", due=-3, number=8),
    invoice("S2 euro", "3.00", OVERDUE, autobill="S2", due=-4, currency="EUR"),
    invoice("S2 paid", "0.00", InvoiceState.PAID, autobill="S2", due=-5),
    invoice("S2 given up", "3.00", InvoiceState.WRITTEN_OFF, autobill="S2", due=-5),
    invoice("S2 closed", "3.00", InvoiceState.CLOSED, autobill="S2", due=-5),
]
S1, S2 = CreditOwner.autobill("S1"), CreditOwner.autobill("S2")


@pytest.mark.parametrize(
    ("made_on", "disposition", "allocated", "remainder", "owner"),
    [
        (
            OwnerKind.AUTOBILL,
            OLDEST,
            {"S1 target": "13.20", "S2 oldest": "3.00", "S1 older": "4.00", "S1 due": "5.00"},
            "14.80",
            ACCOUNT,
        ),
        (
            OwnerKind.AUTOBILL,
            THIS,
            {"S1 target": "13.20", "S1 older": "4.00", "S1 due": "5.00"},
            "17.80",
            S1,
        ),
        (OwnerKind.AUTOBILL, CREDIT, {"S1 target": "13.20"}, "26.80", S1),
        (
            OwnerKind.ACCOUNT,
            OLDEST,
            {"S1 target": "13.20", "S2 oldest": "3.00", "S1 older": "4.00", "S1 due": "5.00"},
            "14.80",
            ACCOUNT,
        ),
        (
            OwnerKind.ACCOUNT,
            THIS,
            {"S1 target": "13.20", "S1 older": "4.00", "S1 due": "5.00"},
            "17.80",
            S1,
        ),
        (OwnerKind.ACCOUNT, CREDIT, {"S1 target": "13.20"}, "26.80", ACCOUNT),
    ],
)
def test_overage_of_forty_dollars_goes_by_disposition(
    made_on: OwnerKind,
    disposition: Disposition,
    allocated: dict[str, str],
    remainder: str,
    owner: CreditOwner,
) -> None:
    scope = PaymentScope(made_on, "acc", "S1")
    distribution = allocate(usd("40.00"), SHOP[0], SHOP, disposition, scope)
    assert parts(distribution) == allocated
    assert list(parts(distribution)) == list(allocated)
    assert distribution.remainder == usd(remainder)
    assert distribution.remainder_to == owner


@pytest.mark.parametrize("disposition", [THIS, CREDIT])
@pytest.mark.parametrize("made_on", OwnerKind)
def test_credit_due_to_an_autobill_that_has_ended_goes_to_its_account(
    made_on: OwnerKind, disposition: Disposition
) -> None:
    scope = PaymentScope(made_on, "acc", "S1", autobill_ended=True)
    distribution = allocate(usd("40.00"), SHOP[0], SHOP, disposition, scope)
    assert distribution.remainder_to == ACCOUNT


def test_overage_of_the_worked_timeline_becomes_account_credit() -> None:
    unpaid = invoice("S1-00000003", "13.20", OVERDUE, number=3)
    coming = invoice("S1-00000004", "13.20", OPEN, due=31, number=4)
    distribution = allocate(usd("20.00"), unpaid, [unpaid, coming], OLDEST, ON_S1)
    assert parts(distribution) == {"S1-00000003": "13.20"}
    assert (distribution.remainder, distribution.remainder_to) == (usd("6.80"), ACCOUNT)


def test_an_open_invoice_that_was_named_takes_its_projected_balance() -> None:
    coming = invoice("coming", "24.20", OPEN)
    distribution = allocate(usd("30.00"), coming, [coming], THIS, ON_S1)
    assert parts(distribution) == {"coming": "24.20"}
    assert distribution.remainder_to == S1


@pytest.mark.parametrize("balance", ["0.00", "-2.00"])
def test_a_named_open_invoice_that_is_prepaid_takes_nothing(balance: str) -> None:
    coming = invoice("coming", balance, OPEN)
    distribution = allocate(usd("30.00"), coming, [coming, invoice("due", "10.00")], OLDEST, ON_S1)
    assert parts(distribution) == {"due": "10.00"}
    assert distribution.remainder == usd("20.00")


def test_a_target_settled_in_the_meantime_is_passed_over() -> None:
    target = invoice("target", "0.00", InvoiceState.PAID)
    other = invoice("other", "4.00", autobill="S2")
    assert parts(allocate(usd("5.00"), target, [target, other], OLDEST, ON_S1)) == {"other": "4.00"}
    written_off = invoice("target", "13.20", InvoiceState.WRITTEN_OFF)
    assert parts(allocate(usd("5.00"), written_off, [written_off, other], THIS, ON_S1)) == {}


def test_without_a_target_the_disposition_decides_about_all_of_it() -> None:
    distribution = allocate(usd("5.00"), None, SHOP, THIS, ON_ACCOUNT)
    assert parts(distribution) == {"S1 target": "5.00"}
    ownerless = PaymentScope(OwnerKind.ACCOUNT, "acc", None)
    distribution = allocate(usd("5.00"), None, SHOP, THIS, ownerless)
    assert (parts(distribution), distribution.remainder_to) == ({}, ACCOUNT)


def test_a_payment_in_another_currency_than_its_target_is_refused() -> None:
    with pytest.raises(InvalidValue):
        allocate(Money.of(5, "EUR"), SHOP[0], SHOP, OLDEST, ON_S1)


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_payment_of_nothing_is_refused(amount: str) -> None:
    with pytest.raises(InvalidValue, match=r"^Amount must be greater than zero\.$"):
        allocate(usd(amount), SHOP[0], SHOP, OLDEST, ON_S1)


# --- for every payment ----------------------------------------------------------------------------------

Case = tuple[Money, PayableInvoice | None, list[PayableInvoice], Disposition, PaymentScope]

rows = st.lists(
    st.tuples(
        st.sampled_from(InvoiceState),
        st.integers(-50, 150),
        st.sampled_from(["S1", "S2", "S3"]),
        st.integers(-2, 2),
        st.integers(0, 2),
        st.integers(0, 1),
        st.sampled_from(["USD", "USD", "EUR"]),
    ),
    min_size=1,
    max_size=7,
)


def make_invoices(values: list[tuple[InvoiceState, int, str, int, int, int, str]]) -> list[PayableInvoice]:
    return [
        invoice(f"i{position}", str(Decimal(cents) / 100), state, autobill, due, number, created, currency)
        for position, (state, cents, autobill, due, number, created, currency) in enumerate(values)
    ]


@st.composite
def cases(
    draw: st.DrawFn,
) -> Case:
    invoices = make_invoices(draw(rows))
    payable = [i for i in invoices if i.balance.currency == "USD"]
    target = draw(st.none() | st.sampled_from(payable)) if payable else None
    payment = Money.of(Decimal(draw(st.integers(1, 400))) / 100, "USD")
    owner = target.autobill if target else draw(st.sampled_from([None, "S1"]))
    scope = PaymentScope(draw(st.sampled_from(OwnerKind)), "acc", owner, draw(st.booleans()))
    return payment, target, invoices, draw(st.sampled_from(Disposition)), scope


def cent_by_cent(
    payment: Money,
    target: PayableInvoice | None,
    invoices: list[PayableInvoice],
    disposition: Disposition,
    scope: PaymentScope,
) -> dict[str, int]:
    """The rules told naively: hand out one cent after another, looking for its taker from the start."""
    given: dict[str, int] = {}

    def has_room(candidate: PayableInvoice) -> bool:
        return given.get(candidate.key, 0) < int(candidate.balance.amount * 100)

    def taker() -> PayableInvoice | None:
        if target is not None and target.state.value in {"Open", "Due", "Overdue"} and has_room(target):
            return target
        best: PayableInvoice | None = None
        for candidate in invoices:
            if disposition is CREDIT or candidate.state.value not in {"Due", "Overdue"}:
                continue
            if target is not None and candidate.key == target.key:
                continue
            if disposition is THIS and candidate.autobill != scope.autobill:
                continue
            if candidate.balance.currency == payment.currency and has_room(candidate):
                best = candidate if best is None or candidate.age < best.age else best
        return best

    for _ in range(int(payment.amount * 100)):
        found = taker()
        if found is None:
            break
        given[found.key] = given.get(found.key, 0) + 1
    return given


@given(cases())
def test_the_allocator_agrees_with_handing_out_cent_by_cent(
    case: Case,
) -> None:
    distribution = allocate(*case)
    assert {a.key: int(a.amount.amount * 100) for a in distribution.allocations} == cent_by_cent(*case)


@given(cases())
def test_nothing_is_created_lost_overpaid_or_led_into_an_open_invoice(
    case: Case,
) -> None:
    payment, target, invoices, _, scope = case
    distribution = allocate(*case)
    by_key = {candidate.key: candidate for candidate in invoices}
    given = [allocation.amount for allocation in distribution.allocations]
    assert total(given, "USD") + distribution.remainder == payment
    assert not distribution.remainder.is_negative
    assert len({allocation.key for allocation in distribution.allocations}) == len(distribution.allocations)
    for allocation in distribution.allocations:
        taker = by_key[allocation.key]
        assert allocation.amount.is_positive
        assert allocation.amount <= taker.balance
        assert taker.state in (DUE, OVERDUE) or (taker is target and taker.state is OPEN)
    if scope.autobill_ended:
        assert distribution.remainder_to == ACCOUNT


@given(cases().flatmap(lambda case: st.tuples(st.just(case), st.permutations(case[2]))))
def test_the_order_of_the_candidates_does_not_matter_and_equal_inputs_give_equal_results(
    both: tuple[
        Case,
        list[PayableInvoice],
    ],
) -> None:
    (payment, target, invoices, disposition, scope), shuffled = both
    distribution = allocate(payment, target, invoices, disposition, scope)
    assert allocate(payment, target, shuffled, disposition, scope) == distribution
    copies = (replace(candidate) for candidate in invoices)
    assert allocate(payment, target, copies, disposition, scope) == distribution


@given(
    rows.map(make_invoices),
    st.sampled_from([OPEN, DUE, OVERDUE]),
    st.integers(1, 300).flatmap(lambda cents: st.tuples(st.just(cents), st.integers(1, cents))),
)
def test_without_overage_the_disposition_has_no_effect(
    others: list[PayableInvoice], state: InvoiceState, cents: tuple[int, int]
) -> None:
    balance, paid = (Decimal(number) / 100 for number in cents)
    target = invoice("target", str(balance), state)
    for disposition in Disposition:
        distribution = allocate(Money.of(paid, "USD"), target, [*others, target], disposition, ON_S1)
        assert [(a.key, a.amount) for a in distribution.allocations] == [("target", Money.of(paid, "USD"))]
        assert distribution.remainder.is_zero


@given(rows)
def test_the_target_found_without_a_name_is_never_younger_than_another_unpaid_one(
    values: list[tuple[InvoiceState, int, str, int, int, int, str]],
) -> None:
    invoices = make_invoices(values)
    unpaid = [i for i in invoices if i.state in (DUE, OVERDUE) and i.balance.is_positive]
    if not unpaid:
        with pytest.raises(NothingPayable):
            select_target(invoices, None, "x")
        return
    target = select_target(reversed(invoices), None, "x")
    assert target in unpaid
    assert all(target.age <= other.age for other in unpaid)
