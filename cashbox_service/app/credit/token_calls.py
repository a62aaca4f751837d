"""Calls that tell and move the token balances of an account (account §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cashbox_service.app import idempotency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import token_balances, tokens
from cashbox_service.app.credit.drafts import TokenAmountDraft, TokenDraft
from cashbox_service.app.credit.tokens import BookingKind
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers import catalog
from cashbox_service.domain.errors import BalanceTooLow, InvalidValue, MissingField, TokenNotFound
from cashbox_service.domain.token_balance import after
from cashbox_service.store.entities import Account, Token


@dataclass(slots=True)
class TokenTransactionDraft:
    """Input of a TokenTransaction; a positive amount adds, a negative one deducts."""

    token_amount: TokenAmountDraft | None = None
    description: str | None = None
    auth_timestamp: datetime | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """How many tokens of a type an account has."""

    token: Token
    amount: int


class SomeUnknown(Exception):
    """Token types that do not exist were named: nothing was booked. ``balances`` are those of the others."""

    def __init__(self, error: TokenNotFound, balances: list[Balance]) -> None:
        super().__init__(str(error))
        self.error = error
        self.balances = balances


@dataclass(frozen=True, slots=True)
class _Movement:
    token: Token
    amount: int
    description: str | None = None
    auth_at: datetime | None = None


def balances(work: Work, reference: Reference, asked: Sequence[TokenDraft]) -> list[Balance]:
    """Of the types asked for, or of all that the account has or had. Raises AccountNotFound, SomeUnknown."""
    account = accounts.resolve(work, reference)
    if not asked:
        return [Balance(one.token, one.balance) for one in work.uow.credits.token_balances(account.vid)]
    types = _types(work, account, asked)
    return _balances(work, account, types)


def transact(work: Work, reference: Reference, drafts: Sequence[TokenTransactionDraft]) -> list[Balance]:
    """Book all of them in order, or none; the balances that changed.

    Raises MissingField, AccountNotFound, SomeUnknown, InvalidValue, BalanceTooLow when a balance would fall below 0.
    """
    amounts = [draft.token_amount or TokenAmountDraft() for draft in drafts]
    for amount in amounts:
        if not amount.amount:
            field = "transactions.tokenAmount.amount"
            raise InvalidValue(field, "" if amount.amount is None else 0, "must not be zero")
    return _book(work, reference, amounts, BookingKind.TRANSACTION, 1, drafts)


def increment(work: Work, reference: Reference, amounts: Sequence[TokenAmountDraft]) -> list[Balance]:
    """Add tokens; raises as `transact`, InvalidValue for what is not positive."""
    _check_positive(amounts)
    return _book(work, reference, amounts, BookingKind.INCREMENT, 1)


def decrement(work: Work, reference: Reference, amounts: Sequence[TokenAmountDraft]) -> list[Balance]:
    """Take tokens; raises as `increment`."""
    _check_positive(amounts)
    return _book(work, reference, amounts, BookingKind.DECREMENT, -1)


def _check_positive(amounts: Sequence[TokenAmountDraft]) -> None:
    for one in amounts:
        if one.amount is None or one.amount <= 0:
            value = "" if one.amount is None else one.amount
            raise InvalidValue("tokenAmounts.amount", value, "must be positive")


def _book(
    work: Work,
    reference: Reference,
    amounts: Sequence[TokenAmountDraft],
    kind: BookingKind,
    sign: int,
    drafts: Sequence[TokenTransactionDraft] = (),
) -> list[Balance]:
    told = drafts or [TokenTransactionDraft() for _ in amounts]

    def booked() -> list[Balance]:
        vid = accounts.resolve(work, reference).vid
        with work.writing():
            account = accounts.lock(work, vid)
            types = _types(work, account, [one.token or TokenDraft() for one in amounts])
            if not idempotency.done_before(work):
                movements = [
                    _Movement(
                        token, sign * (one.amount or 0), draft.description or None, draft.auth_timestamp
                    )
                    for token, one, draft in zip(types, amounts, told, strict=True)
                ]
                _move(work, account, movements, kind)
            return _balances(work, account, types)

    return starting_over(booked)


def _move(work: Work, account: Account, movements: Sequence[_Movement], kind: BookingKind) -> None:
    before = {one.token.vid: token_balances.of(work, account, one.token.vid) for one in movements}
    if after(before, [(one.token.vid, one.amount) for one in movements]) is None:
        raise BalanceTooLow
    for one in movements:
        tokens.book(
            work, account, one.token, one.amount, kind, description=one.description, auth_at=one.auth_at
        )


def _types(work: Work, account: Account, drafts: Sequence[TokenDraft]) -> list[Token]:
    """The token types in the order given. Raises SomeUnknown, MissingField."""
    found: list[Token] = []
    unknown: TokenNotFound | None = None
    for draft in drafts:
        try:
            token = catalog.token(work, draft)
        except TokenNotFound as error:
            unknown = unknown or error
            continue
        if token is None:
            raise MissingField("token")
        found.append(token)
    if unknown is not None:
        raise SomeUnknown(unknown, _balances(work, account, found))
    return found


def _balances(work: Work, account: Account, types: Sequence[Token]) -> list[Balance]:
    """Each type once, in the order in which it is named first."""
    distinct = {token.vid: token for token in types}
    return [Balance(token, token_balances.of(work, account, vid)) for vid, token in distinct.items()]
