"""What a refund does beside the money, to credit, tokens and lines; and how that is undone when it fails.

Everything runs inside the caller's write transaction, with the transaction and its account locked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.domain import ledger
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.credit import CreditUse
from cashbox_service.domain.lines import Line, LineRefund
from cashbox_service.domain.money import Money
from cashbox_service.domain.refund import TokenAction
from cashbox_service.domain.refund_credit import RestoredCredit, to_restore
from cashbox_service.store.entities import Account, AutoBill, CreditGrant, Refund, Transaction


def apply(work: Work, refund: Refund, credit: Money, earlier: Iterable[Refund]) -> None:
    """Give credit back, take tokens, and leave a trace on the lines."""
    transaction, made = refund.transaction, list(earlier)
    if credit.is_positive:
        restored = [part for one in made for part in one.credits]
        uses = to_restore(transaction.credit_uses, restored, credit.amount)
        refund.credits = tuple([_restore(work, transaction, use) for use in uses])
    action = TokenAction(refund.token_action)
    if action is not TokenAction.NONE and transaction.account is not None:
        refund.tokens = tuple(_take_tokens(work, transaction, transaction.account, action, made))
    trace(refund)


def trace(refund: Refund) -> None:
    """Show on every line what the refund gave back of it."""
    if refund.items:
        lines = refund.transaction.lines
        refund.transaction.lines = tuple([_traced(line, refund) for line in lines])


def undo(work: Work, refund: Refund) -> None:
    """The refund has failed: credit is taken back as far as it is unspent, tokens return, the trace goes."""
    transaction = refund.transaction
    refund.credits = tuple([_take_back(work, transaction, restored) for restored in refund.credits])
    for part in refund.tokens:
        assert transaction.account is not None
        assert part.token_vid is not None
        crediting.grant_tokens(work, transaction.account, part.token_vid, int(part.amount or 0))
    refund.tokens = ()
    own_id = refund.merchant_refund_id or ""
    transaction.lines = tuple(
        [
            replace(line, refunds=tuple(one for one in line.refunds if one.refund_id != own_id))
            for line in transaction.lines
        ]
    )


def grant_again(work: Work, account: Account, use: CreditUse) -> CreditGrant:
    """A new grant to the owner of the used one, with its texts and its place in the order of use.

    The ledger is the caller's.
    """
    used = work.uow.credits.grant(use.grant_vid)
    assert used is not None
    assert used.currency is not None
    owner = _autobill_of(work, used.autobill_vid)
    grant = books.grant_currency(
        work,
        account,
        owner,
        use.amount,
        used.currency,
        source="Refund",
        description=used.description,
        reason=used.reason,
        sort_value=used.sort_value,
    )
    books.log_credit(work, "Refund", account, owner, [books.currency_part(grant, use.amount)])
    _note_on(work, owner)
    return grant


def _restore(work: Work, transaction: Transaction, use: CreditUse) -> RestoredCredit:
    assert transaction.account is not None
    grant = grant_again(work, transaction.account, use)
    amount = Money(use.amount, transaction.currency)
    entry = ledger.credit_refunded(_processor(transaction), crediting.owner_of(grant), amount)
    books.post(work, entry, transaction)
    return RestoredCredit(use.grant_vid, books.currency_part(grant, use.amount))


def _take_back(work: Work, transaction: Transaction, restored: RestoredCredit) -> RestoredCredit:
    """What is left of the grant that the refund had made."""
    grant = work.uow.credits.grant(restored.part.vid or "")
    assert grant is not None
    assert grant.currency is not None
    assert transaction.account is not None
    unspent = grant.remaining
    if not unspent:
        return restored
    grant.remaining = Decimal(0)
    owner = _autobill_of(work, grant.autobill_vid)
    books.log_credit(work, "Revocation", transaction.account, owner, [books.currency_part(grant, unspent)])
    _note_on(work, owner)
    amount = Money(unspent, grant.currency)
    entry = ledger.credit_refund_failed(_processor(transaction), crediting.owner_of(grant), amount)
    books.post(work, entry, transaction)
    return replace(restored, taken_back=unspent)


def _take_tokens(
    work: Work, transaction: Transaction, account: Account, action: TokenAction, earlier: list[Refund]
) -> list[CreditPart]:
    """Tokens that the transaction had granted and that no earlier refund took, as far as the action goes."""
    granted = _tokens_granted(work, transaction)
    for part in (part for one in earlier for part in one.tokens):
        granted[part.token_vid or ""] -= int(part.amount or 0)
    below_zero = action is TokenAction.CANCEL_NEGATIVE_BALANCE
    taken = (
        (token_vid, crediting.take_tokens(work, account, token_vid, count, below_zero=below_zero))
        for token_vid, count in granted.items()
        if count > 0
    )
    return [
        CreditPart(kind="token", amount=Decimal(count), token_vid=token_vid)
        for token_vid, count in taken
        if count
    ]


def _tokens_granted(work: Work, transaction: Transaction) -> dict[str, int]:
    """By token type: what its lines gave, and for a cycle what its products did."""
    granted: dict[str, int] = {}
    for tokens in (tokens for line in transaction.lines for tokens in line.tokens):
        granted[tokens.token_vid] = granted.get(tokens.token_vid, 0) + tokens.amount
    if transaction.kind == "recurring" and transaction.invoice_vid is not None:
        for event in work.uow.invoices.credit_events_on(transaction.invoice_vid):
            for part in event.parts if event.type == "Grant" else ():
                if part.token_vid is not None:
                    granted[part.token_vid] = granted.get(part.token_vid, 0) + int(part.amount or 0)
    return granted


def _traced(line: Line, refund: Refund) -> Line:
    traces = [
        LineRefund(
            item.amount, item.tax_amount, refund.happened_at, refund.merchant_refund_id or "", item.tax_only
        )
        for item in refund.items
        if item.index_number is not None and item.index_number == line.index_number
    ]
    return replace(line, refunds=(*line.refunds, *traces)) if traces else line


def _autobill_of(work: Work, vid: str | None) -> AutoBill | None:
    return work.uow.autobills.by_vid(vid) if vid is not None else None


def _note_on(work: Work, autobill: AutoBill | None) -> None:
    if autobill is not None:
        work.uow.events.record_autobill(autobill.vid, "CREDIT_OPERATION", work.now)


def _processor(transaction: Transaction) -> str:
    return transaction.payment_processor or ""
