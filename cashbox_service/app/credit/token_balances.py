"""Adding tokens to an account's balance and taking them off: balance and ledger, in the caller's transaction.

What is said about it, in the credit history or as a booking, is the caller's. The account is locked before.
"""

from __future__ import annotations

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.domain import credit as rules
from cashbox_service.domain import ledger
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.store.entities import Account, TokenBalance

MAX_BALANCE = 2**31 - 1
"""Most tokens that xsd:int tells of."""


def of(work: Work, account: Account, token_vid: str) -> int:
    """The balance of a token type; 0 when the account never had any."""
    found = work.uow.credits.token_balance(account.vid, token_vid)
    return found.balance if found is not None else 0


def add(work: Work, account: Account, token_vid: str, count: int) -> None:
    """Raises InvalidValue when the balance would be more than can be told."""
    balance = open_for(work, account, token_vid)
    if balance.balance + count > MAX_BALANCE:
        raise InvalidValue("tokenAmounts.amount", count, f"raises the balance above {MAX_BALANCE}")
    balance.balance += count
    books.post(work, ledger.tokens_granted(rules.CreditOwner.account(account.vid), token_vid, count))


def take(work: Work, account: Account, token_vid: str, count: int) -> None:
    """Nobody checks here whether there are so many."""
    open_for(work, account, token_vid).balance -= count
    books.post(work, ledger.tokens_revoked(rules.CreditOwner.account(account.vid), token_vid, count))


def move(work: Work, giver: Account, receiver: Account, token_vid: str, count: int) -> None:
    """From one account to another. Raises InvalidValue when the receiver would have more than can be told."""
    taken, given = open_for(work, giver, token_vid), open_for(work, receiver, token_vid)
    if given.balance + count > MAX_BALANCE:
        raise InvalidValue("tokenAmounts.amount", count, f"raises the balance above {MAX_BALANCE}")
    taken.balance -= count
    given.balance += count
    owners = (rules.CreditOwner.account(giver.vid), rules.CreditOwner.account(receiver.vid))
    books.post(work, ledger.tokens_transferred(*owners, token_vid, count))


def open_for(work: Work, account: Account, token_vid: str) -> TokenBalance:
    """The balance, begun at 0 when the account has none of the type yet."""
    found = work.uow.credits.token_balance(account.vid, token_vid)
    if found is not None:
        return found
    token = work.uow.catalog.token_by_vid(token_vid)
    assert token is not None
    made = TokenBalance(account_vid=account.vid, token_vid=token_vid, balance=0, token=token)
    work.uow.credits.add(made)
    work.uow.flush()
    return made
