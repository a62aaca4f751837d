"""Sessions of cash drawers: what was handed over, handed back and kept, as the payments and as the ledger have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.domain.errors import NotFound
from cashbox_service.domain.ledger import AccountKind
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.store.entities import Transaction


class CashierSessionNotFound(NotFound):
    """No payment was taken in such a session."""

    kind = "cashier session"


@dataclass(frozen=True, slots=True)
class MethodTotal:
    """What came in by one method in one currency."""

    method: str
    currency: str
    count: int
    tendered: Decimal
    change: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class CashierSession:
    """The totals of a session, and by currency what the ledger has under it."""

    id: str
    drawers: tuple[str, ...]
    cashiers: tuple[str, ...]
    totals: tuple[MethodTotal, ...]
    in_ledger: dict[str, Decimal]


def session(work: Work, session_id: str) -> CashierSession:
    """Raises CashierSessionNotFound for one without payments."""
    made = work.uow.transactions.of_session(session_id)
    if not made:
        raise CashierSessionNotFound("SessionId", session_id[:50])
    standing = [one for one in made if is_kept(work, one)]
    pairs = sorted({(_told(one, "PaymentMethodCode"), one.currency) for one in made})
    subjects = sorted({books.cash_subject(one) for one in made})
    posted = work.uow.ledger.posted(AccountKind.CASH.value, subjects)
    return CashierSession(
        id=session_id,
        drawers=_distinct(made, "DrawerId"),
        cashiers=_distinct(made, "CashierId"),
        totals=tuple(
            _total(
                method,
                currency,
                [
                    one
                    for one in standing
                    if (_told(one, "PaymentMethodCode"), one.currency) == (method, currency)
                ],
            )
            for method, currency in pairs
        ),
        in_ledger={
            currency: Money.of(posted.get(currency, Decimal(0)), currency).amount
            for currency in sorted({one.currency for one in made})
        },
    )


def is_kept(work: Work, transaction: Transaction) -> bool:
    """Whether the money came and was not taken off the books again; a refund pays it out of another pocket."""
    if transaction.status == TransactionStatusType.CAPTURED.value:
        return True
    refunded = transaction.status == TransactionStatusType.REFUNDED.value
    return refunded and bool(work.uow.refunds.of_transaction(transaction.vid))


def _total(method: str, currency: str, made: Iterable[Transaction]) -> MethodTotal:
    taken = list(made)
    nothing = Money.zero(currency).amount
    tendered = sum((Decimal(_told(one, "TotalTendAmount")) for one in taken), nothing)
    change = sum((Decimal(_told(one, "ChangeAmount")) for one in taken), nothing)
    return MethodTotal(method, currency, len(taken), tendered, change, tendered - change)


def _told(transaction: Transaction, name: str) -> str:
    return str((transaction.particulars or {}).get(name) or "")


def _distinct(made: Iterable[Transaction], name: str) -> tuple[str, ...]:
    return tuple(sorted({_told(one, name) for one in made} - {""}))
