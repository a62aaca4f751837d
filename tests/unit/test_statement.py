"""The text of an invoice, column by column. The files in goldens/ are whole invoices, written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.money import Money
from cashbox_service.domain.statement import (
    RULE,
    Reminder,
    StatementCharge,
    StatementContent,
    StatementEntry,
    render_statement,
)

GOLDENS = Path(__file__).parent / "goldens"
D = Decimal

UNPAID = StatementContent(
    company="Example Video Inc.",
    invoice_id="S1-00000003",
    date=date(2024, 4, 30),
    customer=("Jo Doe", "12 Main Street", "Reno NV 89501", "US"),
    previous_balance=D("0.00"),
    payments=(),
    charges=(
        StatementCharge("tri", "Three steps", D(1), D("10.00")),
        StatementCharge("basic", "Basic", D(1), D("2.00")),
    ),
    credits=(),
    tax=D("1.20"),
    pay_by=date(2024, 4, 30),
    currency="USD",
)
FULL = replace(
    UNPAID,
    invoice_id="S1-00000004",
    date=date(2024, 5, 31),
    previous_balance=D("13.20"),
    payments=(StatementEntry("Payment INT00000007", D("5.00")), StatementEntry("Payment chk-881", D("8.20"))),
    charges=(
        StatementCharge("tri", "Three steps", D(1), D("0.00")),
        StatementCharge("minutes", "Minutes over the included ones, by the second", D("2.50"), D("1234.56")),
        StatementCharge("a-stock-keeping-unit-of-more-than-30-letters", "Seats", D("1000"), D("3000.00")),
    ),
    credits=(StatementEntry("Overpayment", D("6.80")),),
    tax=D("0.10"),
    pay_by=date(2024, 6, 30),
)
YEN = replace(UNPAID, currency="JPY", charges=(StatementCharge("tri", "", D(1), D(1000)),), tax=D(100))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice_unpaid", UNPAID),
        ("invoice_full", FULL),
        ("invoice_yen", YEN),
        ("invoice_paid_ahead", replace(UNPAID, payments=(StatementEntry("Payment chk-881", D("20.00")),))),
    ],
)
def test_an_invoice_reads_exactly_so(name: str, content: StatementContent) -> None:
    assert render_statement(content) == (GOLDENS / f"{name}.txt").read_text(encoding="utf-8")


def test_a_reminder_has_a_heading_and_the_balance_of_today() -> None:
    content = replace(UNPAID, payments=(StatementEntry("Payment chk-881", D("5.00")),))
    text = render_statement(content, reminder=Reminder(2, Money.of(D("8.20"), "USD")))
    assert text == (GOLDENS / "reminder.txt").read_text(encoding="utf-8")


def _lines(content: StatementContent) -> list[str]:
    return render_statement(content).splitlines()


def test_invoice_number_and_date_stand_in_their_columns() -> None:
    first, second, *_ = _lines(
        replace(FULL, company="An extremely long company name that needs sixty columns")
    )
    assert first.index("Invoice #: S1-00000004") == 49
    assert second.index("Date: 2024-05-31") == 48


def test_a_rule_stands_under_or_above_each_label_that_has_one() -> None:
    lines = _lines(FULL)
    rules = [number for number, line in enumerate(lines) if line == RULE]
    assert len(RULE) == 83
    assert [lines[number - 1].strip().split("  ")[0] for number in rules] == [
        "Previous Balance:",
        "Payments:",
        "BALANCE",
        "a-stock-keeping-unit-of-more-tSeats",
        "Credits:",
        "TAX",
    ]
    assert lines[rules[-1] + 1].startswith("Total Amount Due:")


def test_total_amount_due_is_balance_charges_and_tax_less_credits() -> None:
    (line,) = [line for line in _lines(FULL) if line.startswith("Total Amount Due:")]
    assert line.split()[-1] == "4227.86"  # 13.20 - 13.20 + 4234.56 + 0.10 - 6.80
    assert len(line) == 83


def test_no_text_of_a_merchant_or_customer_can_imitate_a_label() -> None:
    forged = "x\nTotal Amount Due: 0.00"
    content = replace(
        FULL,
        company=forged,
        customer=(forged,),
        charges=(StatementCharge(forged, forged, D(1), D(5)),),
        payments=(StatementEntry(forged, D(1)),),
        credits=(StatementEntry(forged, D(1)),),
    )
    assert len([line for line in _lines(content) if line.startswith("Total Amount Due:")]) == 1


TEXTS = st.text(max_size=60)
AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**12, places=2)


@given(
    st.builds(
        StatementCharge,
        sku=TEXTS,
        name=TEXTS,
        quantity=st.decimals(min_value=0, max_value=10**6, places=3),
        amount=AMOUNTS,
    ),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_every_charge_ends_in_column_83_with_its_sku_and_quantity_in_place(
    charge: StatementCharge, currency: str
) -> None:
    lines = _lines(replace(UNPAID, charges=(charge,), currency=currency))
    line = lines[lines.index("Current Charges:") + 1]
    assert len(line) == 83
    assert line[:4] == "    "
    left, amount = line.rsplit(maxsplit=1)
    assert Decimal(left.rsplit("x ", maxsplit=1)[1]) == charge.quantity
    assert next(entry for entry in lines if entry.startswith("Total Current Charges")).split()[-1] == amount
