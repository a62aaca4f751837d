"""Transactions that others name before they were ever told of: by a chargeback, or by a refund made elsewhere.

A stub holds the place until the transaction is reported (transaction §1, §6.2).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.sales import transactions
from cashbox_service.app.sales.transaction_order import MAX_ID
from cashbox_service.store.entities import Account, Transaction

KIND = "stub"
_UNKNOWN_TYPE = "CreditCard"
"""What most payments are; a report tells better."""


def create(
    work: Work,
    merchant_transaction_id: str,
    amount: Decimal,
    currency: str,
    happened_at: datetime,
    *,
    account: Account | None = None,
    division_number: str | None = None,
) -> Transaction:
    """A transaction of which nothing else is known. Raises InvalidValue for an id that none can have."""
    return transactions.create(
        work,
        transactions.Outline(
            kind=KIND,
            account=account,
            payment_method=None,
            payment_method_type=_UNKNOWN_TYPE,
            currency=currency,
            amount=amount,
            lines=(),
            processor=None,
            merchant_transaction_id=check_merchant_id(
                "merchantTransactionId", merchant_transaction_id, MAX_ID
            ),
            happened_at=happened_at,
            details=transactions.OrderDetails(division_number=division_number),
        ),
    )
