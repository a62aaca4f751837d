"""Taking credit from its owner as it was asked for: off one grant, or in order of redemption (account §5.2, §5.5).

Inside the caller's write transaction with the account locked. History and ledger are the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.credit.granting import Owner
from cashbox_service.domain import credit as rules
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.money import Money


@dataclass(frozen=True, slots=True)
class Wanted:
    """Credit to be taken: money or time of one grant, or money of a currency. No amount: all that is left of it."""

    amount: Decimal | None
    currency: str | None
    vid: str | None = None


def draw(work: Work, owner: Owner, wanted: Sequence[Wanted], *, in_full: bool) -> list[crediting.Use]:
    """Take it off the grants. ``in_full``: InvalidRequest when there is less; else what there is.

    Raises InvalidValue for a grant that is not the owner's, is used up, or of another currency.
    """
    uses: list[crediting.Use] = []
    for one in wanted:
        found = _off_one(work, owner, one, one.vid) if one.vid is not None else _in_order(work, owner, one)
        if in_full:
            _check_enough(one, found)
        for use in found:
            use.grant.remaining -= use.amount
        uses += found
    return uses


def _check_enough(wanted: Wanted, found: Sequence[crediting.Use]) -> None:
    currency = wanted.currency or next((use.grant.currency for use in found), None) or "USD"
    asked, left = Money.of(wanted.amount or Decimal(0), currency), crediting.total(found, currency)
    if left < asked:
        raise InvalidRequest(f"Not enough credit: amount {asked} asked for, {left} left.")


def _off_one(work: Work, owner: Owner, wanted: Wanted, vid: str) -> list[crediting.Use]:
    grant = work.uow.credits.grant(vid)
    own = [grant] if grant is not None and owner.owns(grant) else []
    currency = wanted.currency or (own[0].currency if own else None)
    amount = Money.of(wanted.amount or Decimal(0), currency) if currency is not None else None
    use = rules.revoke_grant([crediting.value_of(one) for one in own], vid, amount)
    return [crediting.Use(own[0], use.amount)]


def _in_order(work: Work, owner: Owner, wanted: Wanted) -> list[crediting.Use]:
    assert wanted.amount is not None
    assert wanted.currency is not None
    grants = {grant.vid: grant for grant in owner.grants_left(work)}
    redemption = rules.revoke(
        [crediting.value_of(one) for one in grants.values()], Money.of(wanted.amount, wanted.currency)
    )
    return [crediting.Use(grants[use.grant.vid], use.amount) for use in redemption.uses]
