"""Fills a database with AutoBills that are due: one is made through the use cases, the others are copies of its rows.

A copy has identifiers of its own in all places, documents and ledger subjects included, so that the audit of the whole
merchant is as clean as that of one AutoBill. As those that the service gives they begin with a time, one millisecond
after the other. Making each AutoBill through calls would take longer than what is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table

from cashbox_service.app.customers import accounts
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.engine.first_billing import UpdateOptions
from cashbox_service.app.environment import Environment
from cashbox_service.app.offers import billing_plans, products
from cashbox_service.app.offers.drafts import (
    BillingPlanDraft,
    BillingPlanPeriodDraft,
    BillingPlanPriceDraft,
    MerchantEntitlementIdDraft,
    ProductDescriptionDraft,
    ProductDraft,
    ProductPriceDraft,
)
from cashbox_service.app.operating import merchants, sandbox
from cashbox_service.app.subscriptions import autobill_update
from cashbox_service.app.subscriptions.drafts import AutoBillDraft, AutoBillItemDraft
from cashbox_service.app.wallet.drafts import CreditCardDraft, PaymentMethodDraft
from cashbox_service.store.entities import Base

LOGIN = "bench"
MADE_AT = "2024-01-15T12:00:00-08:00"
"""When the first cycle of all of them was billed; they are monthly, so the next one is due on 15 February."""

COPIED_AT_ONCE = 500

_SHARED = frozenset(
    {
        "merchants",
        "merchant_logins",
        "products",
        "billing_plans",
        "number_blocks",
        "name_value_names",
        "cards",
        "alembic_version",
    }
)
"""Tables whose rows all AutoBills share."""


def fill(env: Environment, autobills: int) -> None:
    """A merchant with so many monthly AutoBills of two items, paid by card, each with an account of its own."""
    merchants.add(env.database, LOGIN, LOGIN, env.clock.now())
    merchant = env.merchant(LOGIN)
    sandbox.set_clock(env, merchant, datetime.fromisoformat(MADE_AT))
    with closing(env.open(env.merchant(LOGIN))) as work:
        for name, amount in (("magazine", "12.00"), ("archive", "3.00")):
            products.update(work, _product(name, amount))
        billing_plans.update(work, _plan())
        accounts.update(work, AccountDraft(merchant_account_id="payer-0", name="Ada Reader"))
        with autobill_update.update(work, _autobill(), UpdateOptions()):
            pass
    _copy(env, merchant.vid, autobills - 1)


def _copy(env: Environment, merchant_vid: str, copies: int) -> None:
    engine = env.database.engine
    connection = engine.raw_connection()
    mark = "?" if env.database.is_sqlite else "%s"
    try:
        cursor = connection.cursor()
        templates = [
            _Template(cursor, table, merchant_vid, mark)
            for table in Base.metadata.sorted_tables
            if "merchant_vid" in table.c and table.name not in _SHARED
        ]
        own = {vid for template in templates for vid in template.identifiers()}
        for template in templates:
            template.prepare(own)
        for last in range(copies, 0, -COPIED_AT_ONCE):
            numbers = range(last, max(last - COPIED_AT_ONCE, 0), -1)
            if env.database.is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for template in templates:
                template.write(cursor, numbers)
            cursor.execute("COMMIT") if env.database.is_sqlite else connection.commit()
        if not env.database.is_sqlite:  # what PostgreSQL does by itself within a minute
            cursor.execute("ANALYZE")
            connection.commit()
    finally:
        connection.close()


class _Template:
    """The rows of one table that belong to the first AutoBill, as text, and what has to differ in a copy of them."""

    def __init__(self, cursor: Any, table: Table, merchant_vid: str, mark: str) -> None:
        self._keys = [index for index, column in enumerate(table.c) if column.primary_key]
        names = [f'"{column.name}"' for column in table.c]
        as_text = ", ".join(f"CAST({name} AS TEXT)" for name in names)
        cursor.execute(f'SELECT {as_text} FROM "{table.name}" WHERE merchant_vid = {mark}', (merchant_vid,))
        self._rows = [list(row) for row in cursor.fetchall()]
        marks = ", ".join([mark] * len(names))
        self._sql = f'INSERT INTO "{table.name}" ({", ".join(names)}) VALUES ({marks})'
        self._merchant = merchant_vid
        self._parts: list[list[tuple[Any, list[str] | None]]] = []

    def identifiers(self) -> Iterator[str]:
        """What names its rows."""
        for row in self._rows:
            yield from (row[index] for index in self._keys if row[index] and row[index] != self._merchant)

    def prepare(self, own: set[str]) -> None:
        """Find what has to differ: identifiers of rows, and ids that the merchant gave."""
        for row in self._rows:
            cut = [_SOMEBODYS.split(value) if isinstance(value, str) else [value] for value in row]
            self._parts.append(
                [
                    (value, parts if any(part in own or part in _GIVEN for part in parts) else None)
                    for value, parts in zip(row, cut, strict=True)
                ]
            )
        self._own = own

    def write(self, cursor: Any, numbers: range) -> None:
        """The rows of the copies with these numbers."""
        rows = [
            [
                value if parts is None else "".join(self._part(part, number) for part in parts)
                for value, parts in row
            ]
            for number in numbers
            for row in self._parts
        ]
        if rows:
            cursor.executemany(self._sql, rows)

    def _part(self, part: str, number: int) -> str:
        if part in _GIVEN:
            return _GIVEN[part].format(number)
        if part not in self._own or len(part) < _PREFIX:
            return part
        # They begin with the millisecond they were made in: each copy was made that much before the first one.
        return f"{int(part[:_PREFIX], 16) - number:0{_PREFIX}x}{part[_PREFIX:]}"


_PREFIX = 12
_SOMEBODYS = re.compile(r"([0-9a-f]{40}|[0-9a-f]{32}|payer-0|bill-0|INT(?=\d))")
_GIVEN = {"payer-0": "payer-{}", "bill-0": "bill-{}", "INT": "COPY{}-"}


def _product(name: str, amount: str) -> ProductDraft:
    return ProductDraft(
        merchant_product_id=name,
        descriptions=(ProductDescriptionDraft("EN", name.capitalize()),),
        prices=(ProductPriceDraft(Decimal(amount), "USD"),),
        merchant_entitlement_ids=(MerchantEntitlementIdDraft(f"read-{name}", f"Read the {name}"),),
    )


def _plan() -> BillingPlanDraft:
    return BillingPlanDraft(
        merchant_billing_plan_id="monthly",
        description="Monthly",
        periods=(
            BillingPlanPeriodDraft("Month", 1, 0, prices=(BillingPlanPriceDraft(Decimal("5.00"), "USD"),)),
        ),
    )


def _autobill() -> AutoBillDraft:
    return AutoBillDraft(
        merchant_auto_bill_id="bill-0",
        account=AccountDraft(merchant_account_id="payer-0"),
        billing_plan=BillingPlanDraft(merchant_billing_plan_id="monthly"),
        items=(
            AutoBillItemDraft(index=0, product=ProductDraft(merchant_product_id="magazine")),
            AutoBillItemDraft(index=1, product=ProductDraft(merchant_product_id="archive")),
        ),
        payment_method=PaymentMethodDraft(
            type="CreditCard",
            merchant_payment_method_id="payer-0-card",
            account_holder_name="Ada Reader",
            credit_card=CreditCardDraft(account="4111111111111111", expiration_date="203912"),
        ),
        currency="USD",
    )
