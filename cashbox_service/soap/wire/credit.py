"""Credit: grants that are left, token balances, and what a refund moved of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.domain.refund_credit import RestoredCredit
from cashbox_service.soap import records as r
from cashbox_service.soap.wire.values import money, name_values
from cashbox_service.store.entities import Account, AutoBill, CreditGrant, Refund, Token, TokenBalance


def token(source: Token | None) -> r.Token | None:
    if source is None:
        return None
    return r.Token(VID=source.vid, merchantTokenId=source.merchant_token_id, description=source.description)


def token_balances(balances: Iterable[TokenBalance]) -> tuple[r.TokenAmount, ...]:
    return tuple([r.TokenAmount(token=token(entry.token), amount=entry.balance) for entry in balances])


def credit(
    grants: Sequence[CreditGrant],
    balances: Sequence[TokenBalance],
    account: Account,
    autobill: AutoBill | None = None,
) -> r.Credit | None:
    """What is left of the grants; None when there is nothing (account §1.1, "Returned content")."""
    if not grants and not balances:
        return None
    return r.Credit(
        tokenAmounts=token_balances(balances),
        timeIntervals=tuple([_time(grant, account, autobill) for grant in grants if grant.kind == "time"]),
        currencyAmounts=tuple(
            [_currency(grant, account, autobill) for grant in grants if grant.kind == "currency"]
        ),
    )


def refunded_credit(work: Work, refund: Refund) -> r.Credit | None:
    """What a refund gave back of used credit, and what it took of granted tokens; None when that is nothing."""
    given = [restored for restored in refund.credits if restored.standing]
    if not given and not refund.tokens:
        return None
    tokens = work.uow.catalog.tokens_by_vid([part.token_vid or "" for part in refund.tokens])
    return r.Credit(
        tokenAmounts=tuple(
            [
                r.TokenAmount(token=token(tokens.get(part.token_vid or "")), amount=int(part.amount or 0))
                for part in refund.tokens
            ]
        ),
        currencyAmounts=tuple([_given_back(work, refund, restored) for restored in given]),
    )


def _given_back(work: Work, refund: Refund, restored: RestoredCredit) -> r.CurrencyAmount:
    grant, account = work.uow.credits.grant(restored.part.vid or ""), refund.transaction.account
    assert grant is not None
    assert account is not None
    owner = work.uow.autobills.by_vid(grant.autobill_vid) if grant.autobill_vid is not None else None
    return _currency(grant, account, owner, restored.standing)


def _currency(
    grant: CreditGrant, account: Account, autobill: AutoBill | None, amount: Decimal | None = None
) -> r.CurrencyAmount:
    """``amount`` of a grant; without one, what is left of it."""
    return r.CurrencyAmount(
        currency=grant.currency,
        amount=money(grant.remaining if amount is None else amount, grant.currency),
        nameValues=name_values(grant.name_values),
        sortValue=grant.sort_value,
        description=grant.description,
        reason=grant.reason,
        grantedByCashbox=grant.granted_by_cashbox,
        granted=grant.granted_at,
        VID=grant.vid,
        accountVID=account.vid,
        merchantAccountId=account.merchant_account_id,
        autoBillVID=autobill.vid if autobill is not None else None,
        merchantAutoBillId=autobill.merchant_autobill_id if autobill is not None else None,
        source=grant.source,
    )


def _time(grant: CreditGrant, account: Account, autobill: AutoBill | None) -> r.TimeInterval:
    return r.TimeInterval(
        years=grant.years or None,
        months=grant.months or None,
        weeks=grant.weeks or None,
        days=grant.days or None,
        nameValues=name_values(grant.name_values),
        sortValue=grant.sort_value,
        description=grant.description,
        reason=grant.reason,
        grantedByCashbox=grant.granted_by_cashbox,
        granted=grant.granted_at,
        VID=grant.vid,
        accountVID=account.vid,
        merchantAccountId=account.merchant_account_id,
        autoBillVID=autobill.vid if autobill is not None else None,
        merchantAutoBillId=autobill.merchant_autobill_id if autobill is not None else None,
        source=grant.source,
    )
