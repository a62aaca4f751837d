"""The double-entry ledger and the checks on it (billing-engine §6–§8, autobill §6.26, §6.27, §6.30)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import audit, ledger
from cashbox_service.domain.allocation import Disposition, PayableInvoice, PaymentScope, allocate
from cashbox_service.domain.credit import CreditOwner, OwnerKind
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.ledger import AccountKind, Entry, EntryKind, InvalidEntry, LedgerAccount, Posting
from cashbox_service.domain.money import Money

ACCOUNT, S1 = CreditOwner.account("acc"), CreditOwner.autobill("S1")
CASH, REVENUE = LedgerAccount(AccountKind.CASH, "Vindicia"), LedgerAccount(AccountKind.REVENUE)


def usd(amount: str | int) -> Money:
    return Money.of(Decimal(amount), "USD")


def amounts(entry: Entry) -> dict[str, str]:
    """What an entry moves, by account and subject."""
    return {
        f"{posting.account.kind.value} {posting.account.subject}".strip(): str(posting.amount)
        for posting in entry.postings
    }


# --- entries --------------------------------------------------------------------------------------------


def test_debits_and_credits_must_be_equal() -> None:
    with pytest.raises(InvalidEntry, match="debits and credits differ"):
        Entry.of(EntryKind.SALE, "USD", (CASH, usd("10.00")), (REVENUE, usd("-9.99")))
    with pytest.raises(InvalidEntry, match="debits and credits differ"):
        Entry(EntryKind.SALE, "USD", (Posting(CASH, Decimal(1)),))


def test_an_entry_holds_one_currency() -> None:
    with pytest.raises(InvalidEntry, match="several currencies"):
        Entry.of(EntryKind.SALE, "USD", (CASH, usd(5)), (REVENUE, Money.of(-5, "EUR")))
    with pytest.raises(InvalidEntry, match="several currencies"):
        Entry.of(EntryKind.SALE, "EUR", (CASH, usd(5)), (REVENUE, usd(-5)))


@pytest.mark.parametrize("amount", ["0.005", "0"])
def test_a_posting_moves_whole_minor_units_and_more_than_nothing(amount: str) -> None:
    postings = (Posting(CASH, Decimal(amount)), Posting(REVENUE, -Decimal(amount)))
    with pytest.raises(InvalidEntry):
        Entry(EntryKind.SALE, "USD", postings)


def test_movements_of_nothing_are_left_out() -> None:
    entry = Entry.of(EntryKind.SALE, "USD", (CASH, usd(0)), (REVENUE, usd(0)))
    assert entry.postings == ()


# --- one builder per movement ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "kind", "moved"),
    [
        pytest.param(
            ledger.invoice_billed("S1-2", usd("12.00"), usd("1.20")),
            "invoice billed",
            {"receivable S1-2": "13.20", "revenue": "-12.00", "tax payable": "-1.20"},
            id="a bill with tax added",
        ),
        pytest.param(
            ledger.invoice_billed("S1-2", usd("9.99"), usd("0.00"), usd("1.66")),
            "invoice billed",
            {"receivable S1-2": "9.99", "revenue": "-8.33", "tax payable": "-1.66"},
            id="a bill with tax contained",
        ),
        pytest.param(
            ledger.invoice_billed("S1-0", usd("0.00"), usd("0.00")), "invoice billed", {}, id="a free cycle"
        ),
        pytest.param(
            ledger.payment_received(
                processor="Vindicia",
                allocations=[("S1-3", usd("13.20"))],
                remainder=usd("6.80"),
                remainder_to=ACCOUNT,
            ),
            "payment received",
            {"cash Vindicia": "20.00", "receivable S1-3": "-13.20", "customer credit account:acc": "-6.80"},
            id="a payment with overage",
        ),
        pytest.param(
            ledger.payment_received(
                processor="sandbox",
                allocations=[("S1-3", usd("5.00")), ("S2-1", usd("1.00"))],
                remainder=usd("0.00"),
                remainder_to=S1,
            ),
            "payment received",
            {"cash sandbox": "6.00", "receivable S1-3": "-5.00", "receivable S2-1": "-1.00"},
            id="a payment on two invoices",
        ),
        pytest.param(
            ledger.payment_reversed(
                processor="Vindicia",
                allocations=[("S1-3", usd("13.20"))],
                credit_taken_back=[(ACCOUNT, usd("0.40"))],
                owed_by="S1",
                spent=usd("6.40"),
            ),
            "payment reversed",
            {
                "receivable S1-3": "13.20",
                "customer credit account:acc": "0.40",
                "subscription balance S1": "6.40",
                "cash Vindicia": "-20.00",
            },
            id="a reversal after most of the overage was spent",
        ),
        pytest.param(
            ledger.prepayment_released("S1-5", ACCOUNT, usd("9.00")),
            "prepayment released",
            {"receivable S1-5": "9.00", "customer credit account:acc": "-9.00"},
            id="money booked on an invoice that is closed",
        ),
        pytest.param(
            ledger.prepayment_moved("S1-5", "S1-6", usd("9.00")),
            "prepayment moved",
            {"receivable S1-5": "9.00", "receivable S1-6": "-9.00"},
            id="money booked on an invoice that is replaced",
        ),
        pytest.param(
            ledger.credit_granted(S1, usd("4.00")),
            "credit granted",
            {"credit granted": "4.00", "customer credit autobill:S1": "-4.00"},
            id="a grant",
        ),
        pytest.param(
            ledger.credit_revoked(S1, usd("4.00")),
            "credit revoked",
            {"credit granted": "-4.00", "customer credit autobill:S1": "4.00"},
            id="a revocation",
        ),
        pytest.param(
            ledger.credit_transferred(ACCOUNT, CreditOwner.account("child"), usd("4.00")),
            "credit transferred",
            {"customer credit account:acc": "4.00", "customer credit account:child": "-4.00"},
            id="a transfer",
        ),
        pytest.param(
            ledger.credit_consumed("S1-2", S1, usd("4.00")),
            "credit consumed",
            {"customer credit autobill:S1": "4.00", "receivable S1-2": "-4.00"},
            id="credit used",
        ),
        pytest.param(
            ledger.credit_restored("S1-2", S1, usd("4.00")),
            "credit restored",
            {"customer credit autobill:S1": "-4.00", "receivable S1-2": "4.00"},
            id="credit given back",
        ),
        pytest.param(
            ledger.tokens_granted(ACCOUNT, "gold", 30),
            "credit granted",
            {"credit granted gold": "30", "token liability account:acc:gold": "-30"},
            id="tokens granted",
        ),
        pytest.param(
            ledger.tokens_revoked(ACCOUNT, "gold", 30),
            "credit revoked",
            {"credit granted gold": "-30", "token liability account:acc:gold": "30"},
            id="tokens revoked",
        ),
        pytest.param(
            ledger.tokens_consumed("S1-2", ACCOUNT, "gold", 30),
            "credit consumed",
            {"token liability account:acc:gold": "30", "receivable S1-2": "-30"},
            id="tokens used",
        ),
        pytest.param(
            ledger.invoice_written_off("S1-3", usd("8.20")),
            "invoice written off",
            {"write-off S1-3": "8.20", "receivable S1-3": "-8.20"},
            id="a write-off",
        ),
        pytest.param(
            ledger.sale(
                processor="sandbox", paid=usd("8.00"), credit_used=[(ACCOUNT, usd("3.00"))], tax=usd("1.00")
            ),
            "sale",
            {
                "cash sandbox": "8.00",
                "customer credit account:acc": "3.00",
                "revenue": "-10.00",
                "tax payable": "-1.00",
            },
            id="a one-time sale",
        ),
        pytest.param(
            ledger.payment_refunded("sandbox", usd("5.00")),
            "payment refunded",
            {"refunds sandbox": "5.00", "cash sandbox": "-5.00"},
            id="a refund",
        ),
        pytest.param(
            ledger.payment_charged_back("sandbox", usd("5.00")),
            "payment charged back",
            {"chargeback loss sandbox": "5.00", "cash sandbox": "-5.00"},
            id="a chargeback",
        ),
    ],
)
def test_a_movement_posts_to_these_accounts(entry: Entry, kind: str, moved: dict[str, str]) -> None:
    assert entry.kind.value == kind
    assert amounts(entry) == moved
    assert sum(posting.amount for posting in entry.postings) == 0


def test_an_entry_and_its_reverse_leave_nothing() -> None:
    entry = ledger.invoice_billed("S1-2", usd("12.00"), usd("1.20"))
    assert audit.trial_balance([entry, entry.reversed(EntryKind.CREDIT_RESTORED)]) == {}


# --- the story of an invoice ----------------------------------------------------------------------------


def test_a_prepaid_invoice_owes_less_than_nothing_until_it_is_billed() -> None:
    prepaid = ledger.payment_received(
        processor="Vindicia", allocations=[("S1-1", usd("10.00"))], remainder=usd(0), remainder_to=ACCOUNT
    )
    billed = ledger.invoice_billed("S1-1", usd("12.00"), usd("1.20"))
    assert audit.invoice_balance(audit.trial_balance([prepaid]), "S1-1", "USD") == usd("-10.00")
    assert audit.invoice_balance(audit.trial_balance([prepaid, billed]), "S1-1", "USD") == usd("3.20")


def test_the_timeline_from_a_failed_cycle_to_the_next_paid_one() -> None:
    entries = [
        ledger.invoice_billed("S1-3", usd("12.00"), usd("1.20")),
        ledger.payment_received(
            processor="Vindicia",
            allocations=[("S1-3", usd("13.20"))],
            remainder=usd("6.80"),
            remainder_to=ACCOUNT,
        ),
        ledger.invoice_billed("S1-4", usd("12.00"), usd("1.20")),
        ledger.credit_consumed("S1-4", ACCOUNT, usd("6.80")),
        ledger.payment_received(
            processor="sandbox", allocations=[("S1-4", usd("6.40"))], remainder=usd(0), remainder_to=ACCOUNT
        ),
    ]
    trial = audit.trial_balance(entries)
    assert {f"{account.kind.value} {account.subject}".strip(): str(balance)
            for (account, _), balance in trial.items()} == {
        "cash Vindicia": "20.00",
        "cash sandbox": "6.40",
        "revenue": "-24.00",
        "tax payable": "-2.40",
    }  # fmt: skip


def test_a_debt_written_off_stays_on_record_as_the_balance_of_its_invoice() -> None:
    trial = audit.trial_balance(
        [
            ledger.invoice_billed("S1-3", usd("12.00"), usd("1.20")),
            ledger.payment_received(
                processor="Vindicia", allocations=[("S1-3", usd("5.00"))], remainder=usd(0), remainder_to=S1
            ),
            ledger.invoice_written_off("S1-3", usd("8.20")),
        ]
    )
    assert audit.invoice_balance(trial, "S1-3", "USD") == usd("8.20")
    assert audit.check_invoices(trial, {"S1-3": usd("8.20")}, given_up=["S1-3"]) == ()
    assert audit.check_invoices(trial, {"S1-3": usd("8.20")}) != ()


# --- the audit ------------------------------------------------------------------------------------------

BILLED = [
    ledger.invoice_billed("S1-1", usd("10.00"), usd("0.00")),
    ledger.payment_received(
        processor="Vindicia", allocations=[("S1-1", usd("4.00"))], remainder=usd(0), remainder_to=S1
    ),
    ledger.credit_granted(S1, usd("3.00")),
    ledger.credit_granted(S1, usd("2.00")),
    ledger.credit_granted(ACCOUNT, Money.of(7, "EUR")),
]


def test_stored_figures_that_agree_with_the_postings_are_not_reported() -> None:
    trial = audit.trial_balance(BILLED)
    assert audit.currency_totals(trial) == {}
    assert audit.check_invoices(trial, {"S1-1": usd("6.00"), "S1-2": usd(0)}) == ()
    grants = [(S1, usd("3.00")), (S1, usd("2.00")), (ACCOUNT, Money.of(7, "EUR")), (ACCOUNT, usd(0))]
    assert audit.check_credits(trial, grants) == ()
    assert audit.check_subscription_balances(trial, {"S1": usd(0)}) == ()
    assert audit.credit_balance(trial, S1, "USD") == usd("5.00")
    assert audit.credit_balance(trial, S1, "EUR") == Money.zero("EUR")


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"S1-1": usd("5.99")}, [("S1-1", "5.99", "6.00")]),
        ({}, [("S1-1", "0", "6.00")]),
        ({"S1-1": usd("6.00"), "S1-2": usd("1.00")}, [("S1-2", "1.00", "0")]),
    ],
)
def test_an_invoice_balance_the_ledger_does_not_confirm_is_reported(
    stored: dict[str, Money], found: list[tuple[str, str, str]]
) -> None:
    discrepancies = audit.check_invoices(audit.trial_balance(BILLED), stored)
    assert [(one.account.subject, str(one.stored), str(one.posted)) for one in discrepancies] == found


def test_credit_the_ledger_does_not_confirm_is_reported() -> None:
    discrepancies = audit.check_credits(audit.trial_balance(BILLED), [(S1, usd("4.00"))])
    assert [(one.account.subject, one.currency, one.stored, one.posted) for one in discrepancies] == [
        ("account:acc", "EUR", Decimal(0), Decimal("-7.00")),
        ("autobill:S1", "USD", Decimal("-4.00"), Decimal("-5.00")),
    ]


def test_a_subscription_balance_the_ledger_does_not_confirm_is_reported() -> None:
    reversal = ledger.payment_reversed(
        processor="Vindicia", allocations=[], credit_taken_back=[], owed_by="S1", spent=usd("6.40")
    )
    trial = audit.trial_balance([reversal])
    assert audit.check_subscription_balances(trial, {"S1": usd("6.40")}) == ()
    (found,) = audit.check_subscription_balances(trial, {})
    assert (found.account.subject, found.stored, found.posted) == ("S1", Decimal(0), Decimal("6.40"))


def test_a_ledger_that_lost_a_posting_does_not_add_up() -> None:
    trial = dict(audit.trial_balance(BILLED))
    del trial[(REVENUE, "USD")]
    assert audit.currency_totals(trial) == {"USD": Decimal("10.00")}


# --- for every movement ---------------------------------------------------------------------------------

cents = st.integers(0, 10**6)
money = cents.map(lambda number: Money.of(Decimal(number) / 100, "USD"))
owners = st.sampled_from([ACCOUNT, S1, CreditOwner.autobill("S2")])
names = st.sampled_from(["S1-0", "S1-1", "S2-0"])
portions = st.lists(st.tuples(names, money), max_size=4)
taken = st.lists(st.tuples(owners, money), max_size=3)

movements: st.SearchStrategy[Entry] = st.one_of(
    st.builds(ledger.invoice_billed, names, money, money, st.none() | money),
    st.builds(
        lambda parts, rest, owner: ledger.payment_received(
            processor="p", allocations=parts, remainder=rest, remainder_to=owner
        ),
        portions,
        money,
        owners,
    ),
    st.builds(
        lambda parts, back, spent: ledger.payment_reversed(
            processor="p", allocations=parts, credit_taken_back=back, owed_by="S1", spent=spent
        ),
        portions,
        taken,
        money,
    ),
    st.builds(ledger.prepayment_released, names, owners, money),
    st.builds(ledger.prepayment_moved, names, names, money),
    st.builds(ledger.credit_granted, owners, money),
    st.builds(ledger.credit_revoked, owners, money),
    st.builds(ledger.credit_transferred, owners, owners, money),
    st.builds(ledger.credit_consumed, names, owners, money),
    st.builds(ledger.credit_restored, names, owners, money),
    st.builds(ledger.tokens_granted, owners, st.just("gold"), cents),
    st.builds(ledger.tokens_revoked, owners, st.just("gold"), cents),
    st.builds(ledger.tokens_consumed, names, owners, st.just("gold"), cents),
    st.builds(ledger.invoice_written_off, names, money),
    st.builds(
        lambda paid, used, tax: ledger.sale(processor="p", paid=paid, credit_used=used, tax=tax),
        money,
        taken,
        money,
    ),
    st.builds(ledger.payment_refunded, st.just("p"), money),
    st.builds(ledger.payment_charged_back, st.just("p"), money),
)


@given(st.lists(movements, max_size=20))
def test_every_movement_balances_and_so_does_the_whole(entries: list[Entry]) -> None:
    for entry in entries:
        assert sum(posting.amount for posting in entry.postings) == 0
        assert all(posting.amount for posting in entry.postings)
    assert audit.currency_totals(audit.trial_balance(entries)) == {}


@given(st.lists(movements, max_size=12))
def test_the_order_of_entries_does_not_matter(entries: list[Entry]) -> None:
    assert audit.trial_balance(entries) == audit.trial_balance(reversed(entries))


@st.composite
def payments(draw: st.DrawFn) -> tuple[Money, list[PayableInvoice], Disposition, PaymentScope]:
    created = datetime(2024, 1, 1, tzinfo=UTC)
    invoices = [
        PayableInvoice(
            key=f"i{number}",
            invoice_id=f"i{number}",
            autobill=draw(st.sampled_from(["S1", "S2"])),
            number=number,
            state=draw(st.sampled_from([InvoiceState.OPEN, InvoiceState.DUE, InvoiceState.OVERDUE])),
            due_on=date(2024, 4, draw(st.integers(1, 30))),
            made_at=created,
            balance=Money.of(Decimal(draw(st.integers(1, 5000))) / 100, "USD"),
        )
        for number in range(draw(st.integers(1, 5)))
    ]
    payment = Money.of(Decimal(draw(st.integers(1, 20000))) / 100, "USD")
    scope = PaymentScope(draw(st.sampled_from(OwnerKind)), "acc", invoices[0].autobill, draw(st.booleans()))
    return payment, invoices, draw(st.sampled_from(Disposition)), scope


@given(payments(), st.integers(0, 100))
def test_a_payment_and_its_reversal_leave_every_account_as_it_was(
    case: tuple[Money, list[PayableInvoice], Disposition, PaymentScope], spent_percent: int
) -> None:
    payment, invoices, disposition, scope = case
    distribution = allocate(payment, invoices[0], invoices, disposition, scope)
    parts = [(allocation.key, allocation.amount) for allocation in distribution.allocations]
    before = [ledger.invoice_billed(one.key, one.balance, usd(0)) for one in invoices]
    received = ledger.payment_received(
        processor="p",
        allocations=parts,
        remainder=distribution.remainder,
        remainder_to=distribution.remainder_to,
    )
    trial = audit.trial_balance([*before, received])
    for one in invoices:
        paid = dict(parts).get(one.key, usd(0))
        assert audit.invoice_balance(trial, one.key, "USD") == one.balance - paid
    assert audit.credit_balance(trial, distribution.remainder_to, "USD") == distribution.remainder

    spent = distribution.remainder.times(Decimal(spent_percent) / 100)
    consumed = ledger.credit_consumed("later", distribution.remainder_to, spent)
    undone = ledger.payment_reversed(
        processor="p",
        allocations=parts,
        credit_taken_back=[(distribution.remainder_to, distribution.remainder - spent)],
        owed_by="S1",
        spent=spent,
    )
    after = audit.trial_balance([*before, received, consumed, undone])
    left_by_spending = audit.trial_balance(
        [
            *before,
            Entry.of(
                EntryKind.CREDIT_CONSUMED,
                "USD",
                (ledger.subscription_balance("S1"), spent),
                (ledger.receivable("later"), -spent),
            ),
        ]
    )
    assert after == left_by_spending
