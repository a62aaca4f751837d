"""Using time credit: on the day of a billing, the billing is put off and what it entitles to goes on.

Nothing is charged, and no cycle is counted; the whole grant is used at once (billing-engine §8).
"""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app import entitling, granting, invoicing, schedule, time_credit
from cashbox_service.app.context import Work
from cashbox_service.app.granting import Owner
from cashbox_service.domain.catalog import PeriodType
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.schedule import Move, cycle_at
from cashbox_service.domain.time_credit import postponement
from cashbox_service.store.entities import AutoBill


def use_time_credit(work: Work, autobill: AutoBill) -> bool:
    """Put the coming billing off by the AutoBill's next grant of time; whether there was one.

    Inside the billing run's write transaction, with the account locked.
    """
    if autobill.next_cycle is None:
        return False
    grant = next(iter(time_credit.waiting(work.uow.credits.available_to_autobill(autobill.vid))), None)
    if grant is None:
        return False
    move = postponement(schedule.terms_of(work, autobill), autobill.next_cycle, time_credit.length_of(grant))
    if move is None:
        return False
    part = granting.part_of(grant, grant.remaining)
    grant.remaining = Decimal(0)
    _move(work, autobill, move)
    granting.log(work, Owner(autobill.account, autobill), CreditEventType.CONSUMPTION, [part], None)
    return True


def _move(work: Work, autobill: AutoBill, move: Move) -> None:
    at = cycle_at(schedule.terms_of(work, autobill), move.index)
    monthly = at is not None and autobill.billing_plan.periods[at.period_index].type in (
        PeriodType.MONTH,
        PeriodType.YEAR,
    )
    autobill.moves = (*autobill.moves, move)
    if monthly and not autobill.billing_day_given:
        autobill.billing_day = move.anchor_day or move.to.day
    autobill.modified_at = work.now
    work.uow.events.record_autobill(autobill.vid, "DELAY_BILL", work.now)
    invoicing.refresh_open(work, autobill)
    entitling.refresh(work, autobill)
