"""Granting and revoking credit by call, on accounts and on AutoBills (account §5, autobill §6.18, §6.19)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from cashbox_service.app import books, idempotency
from cashbox_service.app.checks import check_currency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting, drawing, granting, token_balances
from cashbox_service.app.credit.drafts import CreditDraft, CurrencyAmountDraft, TimeIntervalDraft
from cashbox_service.app.credit.drawing import Wanted
from cashbox_service.app.credit.granting import Cause, Owner
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers import catalog
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.domain import ledger
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.errors import (
    CreditNotValid,
    IllegalState,
    InvalidRequest,
    InvalidValue,
    MissingField,
    NotFound,
)
from cashbox_service.domain.money import Money, given
from cashbox_service.store.entities import Account, AutoBill

T = TypeVar("T")

GRANT = "Grant"
"""The source of credit that a merchant grants by call."""

_TIME_ON_ACCOUNT = "credit.timeIntervals: an account cannot have time credit."


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be taken: of grants, and tokens as parts."""

    grants: tuple[Wanted, ...]
    tokens: tuple[CreditPart, ...]


def grant_to_account(
    work: Work, reference: Reference, credit: CreditDraft | None, note: str | None
) -> Account:
    """Raises MissingField, AccountNotFound, CreditNotValid, InvalidRequest for tokens beyond what can be told."""

    def granted() -> Account:
        vid = accounts.resolve(work, reference).vid
        with work.writing():
            account = accounts.lock(work, vid)
            if not idempotency.done_before(work):
                parts = parts_for_account(work, credit)
                granting.grant(work, Owner(account), parts, Cause(GRANT, note=note or None))
        return account

    return starting_over(granted)


def grant_to_autobill(
    work: Work, reference: Reference, credit: CreditDraft | None, note: str | None
) -> AutoBill:
    """Raises as `grant_to_account`, AutoBillNotFound, IllegalState for an AutoBill that has ended."""

    def granted(autobill: AutoBill) -> None:
        check_not_ended(autobill)
        parts = _parts(work, credit)
        granting.grant(work, Owner(autobill.account, autobill), parts, Cause(GRANT, note=note or None))

    return _on_autobill(work, reference, granted)


def revoke_from_account(
    work: Work, reference: Reference, credit: CreditDraft | None, note: str | None
) -> Account:
    """Raises MissingField, AccountNotFound, CreditNotValid, InvalidValue for a grant that cannot be revoked."""

    def revoked() -> Account:
        vid = accounts.resolve(work, reference).vid
        with work.writing():
            account = accounts.lock(work, vid)
            if not idempotency.done_before(work):
                _revoke(work, Owner(account), demand_on_account(work, credit), note)
        return account

    return starting_over(revoked)


def revoke_from_autobill(
    work: Work, reference: Reference, credit: CreditDraft | None, note: str | None
) -> AutoBill:
    """Raises as `revoke_from_account`, AutoBillNotFound."""

    def revoked(autobill: AutoBill) -> None:
        _revoke(work, Owner(autobill.account, autobill), _demand(work, credit), note)

    return _on_autobill(work, reference, revoked)


def _on_autobill(work: Work, reference: Reference, change: Callable[[AutoBill], None]) -> AutoBill:
    """The AutoBill after a change to its credit, made with its account locked."""

    def changed() -> AutoBill:
        found = autobill_lookup.resolve(work, reference)
        vid, account_vid = found.vid, found.account_vid
        with work.writing():
            accounts.lock(work, account_vid)
            autobill = work.uow.autobills.lock(vid)
            assert autobill is not None
            if not idempotency.done_before(work):
                change(autobill)
        return autobill

    return starting_over(changed)


def check_not_ended(autobill: AutoBill) -> None:
    """Raises IllegalState: credit would never be used."""
    if autobill.status in ENDED:
        raise IllegalState("AutoBill", autobill.merchant_autobill_id, autobill.status)


def _revoke(work: Work, owner: Owner, demand: Demand, note: str | None) -> None:
    uses = drawing.draw(work, owner, demand.grants, in_full=False)
    taken = [granting.part_of(use.grant, use.amount) for use in uses]
    for use in uses:
        if use.grant.currency is not None:
            books.post(work, ledger.credit_revoked(owner.key, Money(use.amount, use.grant.currency)))
    for part in demand.tokens:
        assert part.token_vid is not None
        left = token_balances.of(work, owner.account, part.token_vid)
        count = max(min(int(part.amount or 0), left), 0)
        if count:
            token_balances.take(work, owner.account, part.token_vid, count)
            taken.append(crediting.token_part(part.token_vid, count))
    if taken:
        granting.log(work, owner, CreditEventType.REVOCATION, taken, note or None)


def parts_for_account(work: Work, credit: CreditDraft | None) -> tuple[CreditPart, ...]:
    """What is granted to an account, which has no time credit. Raises CreditNotValid."""
    if credit is not None and credit.time_intervals:
        raise CreditNotValid(_TIME_ON_ACCOUNT)
    return _parts(work, credit)


def _parts(work: Work, credit: CreditDraft | None) -> tuple[CreditPart, ...]:
    with _translating():
        return catalog.credit_parts(work, _not_empty(credit), "credit")


def demand_on_account(work: Work, credit: CreditDraft | None) -> Demand:
    """What is taken of an account, which has no time credit. Raises CreditNotValid."""
    if credit is not None and credit.time_intervals:
        raise CreditNotValid(_TIME_ON_ACCOUNT)
    return _demand(work, credit)


def _demand(work: Work, credit: CreditDraft | None) -> Demand:
    with _translating():
        wanted = _not_empty(credit)
        grants = [_money(amount) for amount in wanted.currency_amounts]
        grants += [_time(interval) for interval in wanted.time_intervals]
        tokens = [catalog.token_part(work, one, "credit.tokenAmounts") for one in wanted.token_amounts]
        return Demand(tuple(grants), tuple(tokens))


def _not_empty(credit: CreditDraft | None) -> CreditDraft:
    if credit is None or not (credit.currency_amounts or credit.time_intervals or credit.token_amounts):
        raise MissingField("credit", "The credit is empty.")
    return credit


def _money(draft: CurrencyAmountDraft) -> Wanted:
    """So much of one grant, or of a currency; only of a named grant all may be taken without an amount."""
    field = "credit.currencyAmounts"
    currency = check_currency(f"{field}.currency", draft.currency) if draft.currency else None
    amount = draft.amount
    if draft.vid is None:
        currency = currency or "USD"
    if amount is not None:
        amount = given(f"{field}.amount", amount, currency or "USD") if currency else amount
        if amount < 0:
            raise InvalidValue(f"{field}.amount", amount, "must not be negative")
    if draft.vid is None and not amount:
        raise InvalidValue(f"{field}.amount", "" if amount is None else amount, "must be greater than zero")
    return Wanted(amount, currency, draft.vid)


def _time(draft: TimeIntervalDraft) -> Wanted:
    """A grant of time is revoked by its VID, as a whole (autobill §6.19)."""
    if draft.vid is None:
        raise MissingField(
            "credit.timeIntervals.VID", "credit.timeIntervals: the VID of the grant is missing."
        )
    return Wanted(None, None, draft.vid)


@contextmanager
def _translating() -> Iterator[None]:
    """Whatever is wrong with a credit is refused as such."""
    try:
        yield
    except (InvalidRequest, NotFound) as error:
        raise CreditNotValid(str(error)) from error
