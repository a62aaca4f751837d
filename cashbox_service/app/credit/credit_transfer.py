"""Account.transferCredit: credit moves inside a family (account §5.5)."""

from __future__ import annotations

from dataclasses import replace

from cashbox_service.app import books, idempotency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import credit_changes, drawing, granting, token_balances
from cashbox_service.app.credit.crediting import Use
from cashbox_service.app.credit.drafts import CreditDraft
from cashbox_service.app.credit.granting import Owner
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.domain import family, ledger
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.errors import AccountNotFound, InvalidRequest, NamedAccountNotFound
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import Account

TRANSFER = "Transfer"
"""The source of credit that came from another account of the family."""


def transfer(work: Work, giver: Reference, receiver: Reference, credit: CreditDraft | None) -> None:
    """Raises MissingField, AccountNotFound, CreditNotValid, InvalidRequest for other accounts and too little credit."""

    def transferred() -> None:
        giver_vid = _found(work, "fromAccount", giver)
        receiver_vid = _found(work, "toAccount", receiver)
        with work.writing():
            locked = accounts.lock_all(work, [giver_vid, receiver_vid])
            if not idempotency.done_before(work):
                _transfer(work, locked[giver_vid], locked[receiver_vid], credit)

    starting_over(transferred)


def _found(work: Work, argument: str, reference: Reference) -> str:
    try:
        return accounts.resolve(work, reference).vid
    except AccountNotFound as error:
        raise NamedAccountNotFound(error.key, error.value, argument) from error


def _transfer(work: Work, giver: Account, receiver: Account, credit: CreditDraft | None) -> None:
    family.check_transfer(
        giver=giver.vid,
        parent_of_giver=giver.parent_vid,
        receiver=receiver.vid,
        parent_of_receiver=receiver.parent_vid,
    )
    demand = credit_changes.demand_on_account(work, credit)
    uses = drawing.draw(work, Owner(giver), demand.grants, in_full=True)
    taken = [granting.part_of(use.grant, use.amount) for use in uses]
    granted = [_move(work, giver, receiver, use) for use in uses]
    for part in demand.tokens:
        _move_tokens(work, giver, receiver, part)
    tokens = [replace(part, source=TRANSFER) for part in demand.tokens]
    granting.log(work, Owner(giver), CreditEventType.REVOCATION, (*taken, *demand.tokens), None)
    granting.log(work, Owner(receiver), CreditEventType.GRANT, (*granted, *tokens), None)


def _move(work: Work, giver: Account, receiver: Account, use: Use) -> CreditPart:
    """A new grant to the receiver with the texts and the place of the one it came from."""
    assert use.grant.currency is not None
    amount = Money(use.amount, use.grant.currency)
    part = granting.part_of(use.grant, use.amount)
    made = granting.new_grant(work, Owner(receiver), part, source=TRANSFER, by_cashbox=False)
    books.post(work, ledger.credit_transferred(Owner(giver).key, Owner(receiver).key, amount))
    return granting.part_of(made, use.amount)


def _move_tokens(work: Work, giver: Account, receiver: Account, part: CreditPart) -> None:
    assert part.token_vid is not None
    count, left = int(part.amount or 0), token_balances.of(work, giver, part.token_vid)
    if left < count:
        raise InvalidRequest(f"Not enough credit: amount {count} of tokens asked for, {left} left.")
    token_balances.move(work, giver, receiver, part.token_vid, count)
