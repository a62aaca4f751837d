"""Who paid an invoice and who was asked to: credit, payments, attempts, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cashbox_service.app.bills.explanation import ExplainedLine, Reason, rounded
from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.store.entities import Invoice


def settlements(work: Work, invoice: Invoice) -> Iterator[ExplainedLine]:
    """Credit that was used and payments that stand on it, in the order in which they were booked."""
    for event in work.uow.invoices.credit_events_on(invoice.vid):
        for part in event.parts:
            if event.type != "Consumption" or part.kind != "currency":
                continue
            owner = "AutoBill" if event.autobill_vid is not None else "account"
            by = "CashBox" if part.granted_by_cashbox else "the merchant"
            granted = part.granted_at.astimezone(work.zone).date() if part.granted_at is not None else None
            yield ExplainedLine(
                number=None,
                name=part.reason or part.description or "Credit",
                sku=None,
                amount=rounded(-(part.amount or Decimal(0)), invoice.currency),
                reasons=(
                    Reason(
                        "credit",
                        f"Credit of the {owner}, granted by {by} on {granted}, is used before the payment method.",
                        {
                            "credit": part.vid,
                            "owner": owner,
                            "grantedOn": granted,
                            "source": part.source,
                            "sortValue": part.sort_value,
                            "usedOn": event.at.astimezone(work.zone).date(),
                        },
                    ),
                ),
            )
    for allocation, transaction in settlement.standing_payments(work, invoice):
        yield ExplainedLine(
            number=None,
            name=f"Payment {transaction.merchant_transaction_id}",
            sku=None,
            amount=rounded(-allocation.amount, invoice.currency),
            reasons=(
                Reason(
                    "payment",
                    f"{transaction.payment_method_type} payment of "
                    f"{rounded(transaction.amount, transaction.currency)}, booked on "
                    f"{allocation.at.astimezone(work.zone).date()}.",
                    {
                        "transaction": transaction.merchant_transaction_id,
                        "amount": rounded(transaction.amount, transaction.currency),
                        "bookedOn": allocation.at.astimezone(work.zone).date(),
                        "kind": transaction.kind,
                    },
                ),
            ),
        )


def attempts(work: Work, invoice: Invoice) -> Iterator[Reason]:
    """The charges that were tried for it."""
    for transaction in work.uow.transactions.of_invoice(invoice.vid):
        if transaction.kind != "recurring":
            continue
        entry = transaction.status_log[0]
        on = transaction.happened_at.astimezone(work.zone).date()
        amount = rounded(transaction.amount, transaction.currency)
        code = f", code {entry.auth_code}" if entry.auth_code is not None else ""
        yield Reason(
            "attempt",
            f"Attempt {transaction.retry_number} on {on}: {amount} by "
            f"{transaction.payment_method_type}, {transaction.status}{code}.",
            {
                "transaction": transaction.merchant_transaction_id,
                "retryNumber": transaction.retry_number,
                "on": on,
                "amount": amount,
                "status": transaction.status,
                "authCode": entry.auth_code,
            },
        )
