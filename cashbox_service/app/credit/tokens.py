"""Token types, and the bookings of tokens on accounts (account §1.5, §4, §11).

A booking is no part of the credit history: it leaves a row of its own, and the audit adds both up. The use cases that
need an account are in `token_calls`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import token_balances
from cashbox_service.app.credit.drafts import TokenAmountDraft, TokenDraft
from cashbox_service.app.offers import catalog
from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField, TokenNotFound
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.store.entities import Account, Token, TokenBooking


class BookingKind(StrEnum):
    """What a booking of tokens came from."""

    OPENING = "Opening"
    TRANSACTION = "Transaction"
    INCREMENT = "Increment"
    DECREMENT = "Decrement"


def update(work: Work, draft: TokenDraft | None) -> Token:
    """Create a token type, or change its description; an unused merchantTokenId always makes a new type.

    Raises MissingField without an id, TokenNotFound for an unknown VID, InvalidRequest for two token types.
    """
    if draft is None or (draft.vid is None and draft.merchant_token_id is None):
        raise MissingField("token", "Identifier not specified")

    def stored() -> Token:
        with work.writing():
            return _put(work, draft)

    return starting_over(stored)


def _put(work: Work, draft: TokenDraft) -> Token:
    by_vid = work.uow.catalog.token_by_vid(draft.vid) if draft.vid is not None else None
    if draft.vid is not None and by_vid is None:
        raise TokenNotFound("VID", draft.vid)
    own_id = draft.merchant_token_id
    by_id = work.uow.catalog.token_by_merchant_id(own_id) if own_id is not None else None
    if by_vid is not None and by_id is not None and by_id.vid != by_vid.vid:
        raise InvalidRequest("VID and merchantTokenId belong to different tokens.")
    token = by_vid if own_id is None else by_id
    if token is None:
        token = work.uow.catalog.add(
            Token(vid=new_vid(), merchant_token_id=check_merchant_id("merchantTokenId", own_id))
        )
    if draft.description is not None:
        token.description = draft.description or None
    return token


def fetch(work: Work, draft: TokenDraft | None) -> Token:
    """Raises MissingField, TokenNotFound."""
    found = catalog.token(work, draft)
    if found is None:
        raise MissingField("token", "Identifier not specified")
    return found


def book(
    work: Work,
    account: Account,
    token: Token,
    amount: int,
    kind: BookingKind,
    *,
    description: str | None = None,
    auth_at: datetime | None = None,
) -> None:
    """Move a balance by a signed amount that was checked before, with the account locked."""
    if amount > 0:
        token_balances.add(work, account, token.vid, amount)
    elif amount < 0:
        token_balances.take(work, account, token.vid, -amount)
    work.uow.credits.add(
        TokenBooking(
            row_id=new_row_id(),
            account_vid=account.vid,
            token_vid=token.vid,
            kind=kind.value,
            amount=amount,
            description=description,
            auth_at=auth_at or work.now,
            at=work.now,
        )
    )


def book_opening(work: Work, account: Account, given: Sequence[TokenAmountDraft]) -> None:
    """Tokens a new account starts with (account §2.1). Raises InvalidRequest for unknown types and negative amounts."""
    for opening in given:
        try:
            token = catalog.token(work, opening.token)
        except TokenNotFound as error:
            raise InvalidRequest(f'unknown token type "{error.value}" in tokenBalances') from error
        if token is None:
            raise InvalidRequest('unknown token type "" in tokenBalances')
        if opening.amount is None or opening.amount < 0:
            given_amount = "" if opening.amount is None else opening.amount
            raise InvalidValue("tokenBalances.amount", given_amount, "must not be negative")
        work.uow.flush()
        token_balances.open_for(work, account, token.vid)
        if opening.amount:
            book(work, account, token, opening.amount, BookingKind.OPENING)
