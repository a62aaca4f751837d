"""The credit history (account §1.4, CreditEventLog)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cashbox_service.app.context import Work
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.credit import token
from cashbox_service.soap.wire.narrowing import narrowed_all
from cashbox_service.soap.wire.values import money, name_values
from cashbox_service.store.entities import Account, AutoBill, CreditEvent, Token


@dataclass(frozen=True, slots=True)
class _Named:
    """Everything that the entries name, by VID."""

    accounts: Mapping[str, Account]
    autobills: Mapping[str, AutoBill]
    tokens: Mapping[str, Token]


def credit_events(
    work: Work, events: Sequence[CreditEvent], selection: Selection
) -> tuple[r.CreditEventLog, ...]:
    """Entries in the order given, whose parts tell whose credit it was."""
    named = _Named(
        work.uow.accounts.by_vids({event.account_vid for event in events}),
        work.uow.autobills.by_vids({event.autobill_vid for event in events if event.autobill_vid}),
        work.uow.catalog.tokens_by_vid(
            {part.token_vid for event in events for part in event.parts if part.token_vid}
        ),
    )
    return narrowed_all([_entry(event, named) for event in events], selection)


def _entry(event: CreditEvent, named: _Named) -> r.CreditEventLog:
    parts = event.parts
    return r.CreditEventLog(
        credit=r.Credit(
            tokenAmounts=tuple([_tokens(part, named) for part in parts if part.kind == "token"]),
            timeIntervals=tuple([_time(part, event, named) for part in parts if part.kind == "time"]),
            currencyAmounts=tuple([_money(part, event, named) for part in parts if part.kind == "currency"]),
        ),
        timeStamp=event.at,
        type=event.type,
        note=event.note,
    )


def _tokens(part: CreditPart, named: _Named) -> r.TokenAmount:
    return r.TokenAmount(
        token=token(named.tokens.get(part.token_vid or "")), amount=int(part.amount or 0), source=part.source
    )


def _time(part: CreditPart, event: CreditEvent, named: _Named) -> r.TimeInterval:
    record = r.TimeInterval(
        years=part.years or None, months=part.months or None, weeks=part.weeks or None, days=part.days or None
    )
    _add_grant(record, part, event, named)
    return record


def _money(part: CreditPart, event: CreditEvent, named: _Named) -> r.CurrencyAmount:
    record = r.CurrencyAmount(currency=part.currency, amount=money(part.amount, part.currency))
    _add_grant(record, part, event, named)
    return record


def _add_grant(
    record: r.CurrencyAmount | r.TimeInterval, part: CreditPart, event: CreditEvent, named: _Named
) -> None:
    """Which grant it was, and whose."""
    record.nameValues = name_values(part.name_values)
    record.sortValue = part.sort_value
    record.description = part.description
    record.reason = part.reason
    record.grantedByCashbox = part.granted_by_cashbox
    record.granted = part.granted_at
    record.VID = part.vid
    record.source = part.source
    account = named.accounts.get(event.account_vid)
    if account is not None:
        record.accountVID, record.merchantAccountId = account.vid, account.merchant_account_id
    autobill = named.autobills.get(event.autobill_vid or "")
    if autobill is not None:
        record.autoBillVID, record.merchantAutoBillId = autobill.vid, autobill.merchant_autobill_id
