"""Granting credit to an account or to one of its AutoBills: grants, balances, ledger and one entry of the history.

Everything here runs inside the caller's write transaction with the account locked (account §1.4, autobill §6.18).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.app.credit import token_balances
from cashbox_service.domain import credit as rules
from cashbox_service.domain import ledger
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.money import Money
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, AutoBill, CreditGrant

_WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose credit it is: an AutoBill's, or with none its account's own. Tokens are the account's either way."""

    account: Account
    autobill: AutoBill | None = None

    @property
    def key(self) -> rules.CreditOwner:
        """The owner as the rules and the ledger name it."""
        if self.autobill is not None:
            return rules.CreditOwner.autobill(self.autobill.vid)
        return rules.CreditOwner.account(self.account.vid)

    def owns(self, grant: CreditGrant) -> bool:
        autobill_vid = self.autobill.vid if self.autobill is not None else None
        return (grant.account_vid, grant.autobill_vid) == (self.account.vid, autobill_vid)

    def grants_left(self, work: Work) -> Sequence[CreditGrant]:
        """Its own grants of which something is left."""
        if self.autobill is not None:
            return work.uow.credits.available_to_autobill(self.autobill.vid)
        return work.uow.credits.available_to_account(self.account.vid)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why credit is granted, and what the history says of it."""

    source: str
    event: CreditEventType = CreditEventType.GRANT
    by_cashbox: bool = False
    note: str | None = None


def grant(work: Work, owner: Owner, parts: Sequence[CreditPart], cause: Cause) -> tuple[CreditPart, ...]:
    """Grant all parts under one entry of the history; the parts as that entry keeps them."""
    logged = tuple([_granted(work, owner, part, cause) for part in parts])
    log(work, owner, cause.event, logged, cause.note)
    return logged


def log(
    work: Work, owner: Owner, event: CreditEventType, parts: Sequence[CreditPart], note: str | None
) -> None:
    """One entry of the credit history, and of the AutoBill's events."""
    books.log_credit(work, event.value, owner.account, owner.autobill, parts, note=note)
    if owner.autobill is not None:
        work.uow.events.record_autobill(owner.autobill.vid, "CREDIT_OPERATION", work.now)


def _granted(work: Work, owner: Owner, part: CreditPart, cause: Cause) -> CreditPart:
    if part.kind == "token":
        assert part.token_vid is not None
        token_balances.add(work, owner.account, part.token_vid, int(part.amount or 0))
        return replace(part, source=cause.source)
    made = new_grant(work, owner, part, source=cause.source, by_cashbox=cause.by_cashbox)
    if part.kind == "currency":
        assert made.currency is not None
        books.post(work, ledger.credit_granted(owner.key, Money.of(made.granted_amount, made.currency)))
    return part_of(made, made.granted_amount)


def new_grant(work: Work, owner: Owner, part: CreditPart, *, source: str, by_cashbox: bool) -> CreditGrant:
    """A grant of money or time; history and ledger are the caller's."""
    amount = part.amount if part.kind == "currency" and part.amount is not None else _WHOLE
    return work.uow.credits.add(
        CreditGrant(
            vid=new_vid(),
            account_vid=owner.account.vid,
            autobill_vid=owner.autobill.vid if owner.autobill is not None else None,
            kind=part.kind,
            currency=part.currency,
            granted_amount=amount,
            remaining=amount,
            years=part.years,
            months=part.months,
            weeks=part.weeks,
            days=part.days,
            sort_value=part.sort_value,
            description=part.description,
            reason=part.reason,
            granted_by_cashbox=by_cashbox,
            granted_at=work.now,
            source=source,
            name_values=part.name_values,
        )
    )


def part_of(grant: CreditGrant, amount: Decimal) -> CreditPart:
    """What the history says of a grant: so much of its money, or the whole of its time."""
    part = books.currency_part(grant, amount)
    if grant.kind == "currency":
        return part
    return replace(
        part,
        kind="time",
        amount=None,
        currency=None,
        years=grant.years,
        months=grant.months,
        weeks=grant.weeks,
        days=grant.days,
    )
