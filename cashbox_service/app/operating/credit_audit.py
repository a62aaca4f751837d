"""Proves credit from two sides: from the ledger, and from the history of every grant and every balance of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.domain import audit as rules
from cashbox_service.domain import credit_log
from cashbox_service.domain.credit import CreditOwner
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import CreditGrant

Problems = Iterator[tuple[str, str]]


def problems(work: Work, trial: rules.TrialBalance) -> Problems:
    """What ledger or history do not confirm."""
    held = crediting.held_back(work)
    grants = work.uow.credits.everything()
    stored = [
        (crediting.owner_of(grant), Money.of(_kept(grant, held), grant.currency or "USD"))
        for grant in grants
        if grant.kind == "currency"
    ]
    for found in rules.check_credits(trial, stored):
        yield found.account.subject, f"stored credit {-found.stored}, ledger {-found.posted} {found.currency}"
    events = work.uow.credits.all_events()
    entries = [(event.account_vid, event.type, event.parts) for event in events]
    yield from _wrong_grants(grants, held, credit_log.grants_left(entries))
    yield from _wrong_tokens(work, trial, credit_log.tokens_left(entries))


def _kept(grant: CreditGrant, held: Mapping[str, Decimal]) -> Decimal:
    """What is left of a grant, with what attempts hold back of it."""
    return grant.remaining + held.get(grant.vid, Decimal(0))


def _wrong_grants(
    grants: Sequence[CreditGrant], held: Mapping[str, Decimal], told: Mapping[str, Decimal]
) -> Problems:
    for grant in grants:
        left, said = _kept(grant, held), told.get(grant.vid, Decimal(0))
        if left != said:
            yield f"credit {grant.vid}", f"stored {left}, history {said}"
    for vid in told.keys() - {grant.vid for grant in grants}:
        yield f"credit {vid}", "is in the history, and nowhere else"


def _wrong_tokens(work: Work, trial: rules.TrialBalance, told: dict[tuple[str, str], int]) -> Problems:
    for booking in work.uow.credits.all_token_bookings():
        key = (booking.account_vid, booking.token_vid)
        told[key] = told.get(key, 0) + booking.amount
    stored = {(one.account_vid, one.token_vid): one.balance for one in work.uow.credits.all_token_balances()}
    for account, token in sorted(stored.keys() | told.keys()):
        balance, said = stored.get((account, token), 0), told.get((account, token), 0)
        if balance != said:
            yield f"tokens {token} of {account}", f"stored {balance}, history {said}"
    owned = [(CreditOwner.account(account), token, balance) for (account, token), balance in stored.items()]
    for found in rules.check_tokens(trial, owned):
        yield found.account.subject, f"stored {-found.stored} tokens, ledger {-found.posted}"
