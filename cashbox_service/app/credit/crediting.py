"""Using, reserving, restoring and taking back credit (account §1.4, billing-engine §8).

A billing attempt reserves the credit it would use; only its success consumes it, with an entry in the history and the
ledger. A failed attempt puts the reservation back, so that it leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.app.credit import token_balances
from cashbox_service.app.credit.granting import Owner, new_grant, part_of
from cashbox_service.domain import credit as rules
from cashbox_service.domain import ledger
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.lines import UsedCredit
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import (
    Account,
    AutoBill,
    CreditGrant,
    Invoice,
    Product,
    Transaction,
)

OVERPAYMENT = "Overpayment"


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one grant is used."""

    grant: CreditGrant
    amount: Decimal


def usable(work: Work, autobill: AutoBill) -> dict[str, CreditGrant]:
    """The grants an AutoBill may draw on, by VID: its own and its account's."""
    own = work.uow.credits.available_to_autobill(autobill.vid)
    of_account = work.uow.credits.available_to_account(autobill.account_vid)
    return {grant.vid: grant for grant in (*own, *of_account)}


def planned(
    work: Work, autobill: AutoBill, owed: Money, used: Mapping[str, Decimal] | None = None
) -> list[Use]:
    """What would be used of which grant for an amount owed, in order of redemption; nothing is changed.

    ``used`` tells by VID how much of the grants will be gone until then.
    """
    if not owed.is_positive:
        return []
    return _planned(usable(work, autobill), owed, used or {})


def total(uses: Iterable[Use], currency: str) -> Money:
    """The sum of some uses."""
    return Money.of(sum((use.amount for use in uses), Decimal(0)), currency)


def planned_of_account(work: Work, account: Account, owed: Money) -> list[Use]:
    """What a one-time sale would use of the account's own grants, in order of redemption (transaction §7.2)."""
    if not owed.is_positive:
        return []
    grants = {grant.vid: grant for grant in work.uow.credits.available_to_account(account.vid)}
    return _planned(grants, owed, {})


def _planned(grants: dict[str, CreditGrant], owed: Money, used: Mapping[str, Decimal]) -> list[Use]:
    values = [value_of(grant) for grant in grants.values()]
    left = [replace(one, remaining=one.remaining - used.get(one.vid, Decimal(0))) for one in values]
    redemption = rules.redeem(left, owed)
    return [Use(grants[use.grant.vid], use.amount) for use in redemption.uses]


def uses_of(work: Work, remembered_: Iterable[rules.CreditUse]) -> list[Use]:
    """The uses that a transaction remembers, or some of them."""
    return reserved(work, [[use.grant_vid, format(use.amount, "f")] for use in remembered_])


def reserve(uses: Iterable[Use]) -> list[list[str]]:
    """Take the amounts off their grants until the outcome is known; what an attempt remembers of it."""
    kept = []
    for use in uses:
        use.grant.remaining -= use.amount
        kept.append([use.grant.vid, format(use.amount, "f")])
    return kept


def reserved(work: Work, kept: Sequence[Sequence[str]]) -> list[Use]:
    """The uses an attempt remembers."""
    uses = []
    for vid, amount in kept:
        grant = work.uow.credits.grant(vid)
        if grant is None:
            raise RuntimeError("a reserved credit grant is gone")
        uses.append(Use(grant, Decimal(amount)))
    return uses


def held_back(work: Work) -> dict[str, Decimal]:
    """What all attempts without outcome hold back, by the VID of the grant."""
    held: dict[str, Decimal] = {}
    for attempt in work.uow.transactions.unsettled_attempts():
        for vid, amount in attempt.context.get("credits", []):
            held[vid] = held.get(vid, Decimal(0)) + Decimal(amount)
    return held


def release(uses: Iterable[Use]) -> None:
    """Put reserved amounts back: the attempt failed."""
    for use in uses:
        use.grant.remaining += use.amount


def within(uses: Sequence[Use], limit: Decimal) -> tuple[list[Use], list[Use]]:
    """The uses up to a limit, and what is left over of them."""
    used, over = [], []
    for use in uses:
        part = min(use.amount, limit)
        limit -= part
        if part > 0:
            used.append(Use(use.grant, part))
        if part < use.amount:
            over.append(Use(use.grant, use.amount - part))
    return used, over


def consume(work: Work, account: Account, autobill: AutoBill, invoice: Invoice, uses: Sequence[Use]) -> None:
    """Book reserved amounts as used on an invoice: history, ledger, invoice."""
    for use in uses:
        owner = autobill if use.grant.autobill_vid is not None else None
        books.log_credit(
            work, "Consumption", account, owner, [books.currency_part(use.grant, use.amount)], invoice=invoice
        )
        invoice.credits_used += use.amount
        books.post(
            work,
            ledger.credit_consumed(invoice.vid, owner_of(use.grant), Money(use.amount, invoice.currency)),
        )


def grant_overpayment(
    work: Work, account: Account, autobill: AutoBill | None, amount: Money, transaction: Transaction
) -> CreditGrant:
    """Credit for what no invoice could take; the ledger side is part of the payment's own entry."""
    grant = books.grant_currency(
        work,
        account,
        autobill,
        amount.amount,
        amount.currency,
        source="Payment",
        description=OVERPAYMENT,
        transaction=transaction,
    )
    books.log_credit(work, "Grant", account, autobill, [books.currency_part(grant, amount.amount)])
    return grant


def take_back_overpayment(
    work: Work, account: Account, autobill_of: dict[str, AutoBill], transaction: Transaction
) -> tuple[list[Use], Decimal]:
    """Revoke what is left of the credit a payment created; the uses, and the part that was spent already."""
    uses: list[Use] = []
    spent = Decimal(0)
    for grant in work.uow.credits.from_transaction(transaction.vid):
        left = grant.remaining
        spent += grant.granted_amount - left
        if left > 0:
            grant.remaining = Decimal(0)
            uses.append(Use(grant, left))
            owner = autobill_of.get(grant.autobill_vid or "")
            books.log_credit(work, "Revocation", account, owner, [books.currency_part(grant, left)])
    return uses, spent


def remembered(uses: Iterable[Use]) -> tuple[rules.CreditUse, ...]:
    """The uses as their transaction remembers them: a refund gives them back."""
    return tuple(rules.CreditUse(use.grant.vid, use.amount) for use in uses)


def used_credit(use: Use) -> UsedCredit:
    """The use as a line of a bill says it."""
    return UsedCredit(use.amount, use.grant.reason, use.grant.description)


def owner_of(grant: CreditGrant) -> rules.CreditOwner:
    """Whose credit a grant is: its AutoBill's, else its account's."""
    if grant.autobill_vid is not None:
        return rules.CreditOwner.autobill(grant.autobill_vid)
    return rules.CreditOwner.account(grant.account_vid)


_KINDS = {"time": rules.CreditKind.TIME, "currency": rules.CreditKind.CURRENCY}


def value_of(grant: CreditGrant) -> rules.Grant:
    """A grant as the rules see it."""
    return rules.Grant(
        vid=grant.vid,
        owner=owner_of(grant),
        kind=_KINDS[grant.kind],
        unit=grant.currency or "",
        remaining=grant.remaining,
        granted_at=grant.granted_at,
        granted_by_cashbox=grant.granted_by_cashbox,
        sort_value=grant.sort_value,
    )


def grant_from_product(work: Work, autobill: AutoBill, product: Product, invoice: Invoice) -> None:
    """The credit a product grants with a billing: money and time to the AutoBill, tokens to the account."""
    for part in product.credit_granted:
        if part.kind == "token":
            assert part.token_vid is not None
            grant_tokens(work, autobill.account, part.token_vid, int(part.amount or 0), invoice=invoice)
            continue
        grant = new_grant(work, Owner(autobill.account, autobill), part, source="Product", by_cashbox=True)
        if part.kind == "currency":
            owner = rules.CreditOwner.autobill(autobill.vid)
            amount = Money.of(part.amount or Decimal(0), part.currency or autobill.currency)
            books.post(work, ledger.credit_granted(owner, amount))
        logged = part_of(grant, grant.granted_amount)
        books.log_credit(work, "Grant", autobill.account, autobill, [logged])
    work.uow.events.record_autobill(autobill.vid, "CREDIT_OPERATION", work.now)


def grant_tokens(
    work: Work, account: Account, token_vid: str, count: int, *, invoice: Invoice | None = None
) -> None:
    """Add tokens to the account's balance: history, which names the invoice that was billed, and ledger."""
    token_balances.add(work, account, token_vid, count)
    books.log_credit(work, "Grant", account, None, [token_part(token_vid, count)], invoice=invoice)


def take_tokens(work: Work, account: Account, token_vid: str, count: int, *, below_zero: bool = False) -> int:
    """Take tokens off the account's balance again, as far as they are unspent or further; how many were taken."""
    left = count if below_zero else max(min(count, token_balances.of(work, account, token_vid)), 0)
    if left:
        token_balances.take(work, account, token_vid, left)
        books.log_credit(work, "Revocation", account, None, [token_part(token_vid, left)])
    return left


def token_part(token_vid: str, count: int) -> CreditPart:
    """What the history says of tokens."""
    return CreditPart(kind="token", amount=Decimal(count), token_vid=token_vid)


def account_owner(autobill: AutoBill) -> rules.CreditOwner:
    """The account of an AutoBill as an owner of credit."""
    return rules.CreditOwner.account(autobill.account_vid)
