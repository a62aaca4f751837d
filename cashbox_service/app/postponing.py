"""Using time credit: on the day of a billing, the billing is put off and what it entitles to goes on.

Nothing is charged, and no cycle is counted; the whole grant is used at once (billing-engine §8).
"""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app import billing_moves, granting, schedule, time_credit
from cashbox_service.app.context import Work
from cashbox_service.app.granting import Owner
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.time_credit import postponement
from cashbox_service.store.entities import AutoBill


def use_time_credit(work: Work, autobill: AutoBill) -> bool:
    """Put the coming billing off by the AutoBill's next grant of time; whether there was one.

    Inside the billing run's write transaction, with the account locked.
    """
    coming = schedule.cycle(work, autobill, autobill.next_cycle) if autobill.next_cycle is not None else None
    grant = next(iter(time_credit.waiting(work.uow.credits.available_to_autobill(autobill.vid))), None)
    if coming is None or grant is None:
        return False
    move = postponement(schedule.terms_of(work, autobill), coming.index, time_credit.length_of(grant))
    if move is None:
        return False
    part = granting.part_of(grant, grant.remaining)
    grant.remaining = Decimal(0)
    autobill.moves = (*autobill.moves, move)
    if billing_moves.is_monthly(autobill, coming):
        autobill.billing_day = move.anchor_day or move.to.day
    work.uow.events.record_autobill(autobill.vid, "DELAY_BILL", work.now)
    billing_moves.follow_up(work, autobill)
    granting.log(work, Owner(autobill.account, autobill), CreditEventType.CONSUMPTION, [part], None)
    return True
