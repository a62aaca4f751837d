"""Using time credit and free time: on the day of a billing, the billing is put off and what it entitles to goes on.

Nothing is charged, and no cycle is counted; the whole grant is used at once (billing-engine §8, campaign §4.4).
"""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.credit import granting
from cashbox_service.app.credit.granting import Owner
from cashbox_service.app.engine import notices, schedule, standing, time_credit
from cashbox_service.app.subscriptions import billing_moves
from cashbox_service.domain import autobill_state
from cashbox_service.domain.autobill_state import AutoBillStatus
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.schedule import Cycle, Move
from cashbox_service.domain.time_credit import free_time, postponement
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
    _move(work, autobill, coming, move)
    granting.log(work, Owner(autobill.account, autobill), CreditEventType.CONSUMPTION, [part], None)
    return True


def begin_free_time(work: Work, autobill: AutoBill) -> bool:
    """Put the coming billing off by the free time that a campaign granted; whether there was any.

    What has not been billed yet is served from here on as if it had been (campaign §4.4). Inside the caller's write
    transaction, with the account locked and the Open invoice of the coming cycle there.
    """
    grant = autobill.time_grant
    coming = schedule.cycle(work, autobill, autobill.next_cycle) if autobill.next_cycle is not None else None
    if coming is None or grant is None:
        return False
    move = free_time(schedule.terms_of(work, autobill), coming.index, time_credit.length_of_grant(grant))
    if move is None:
        return False
    autobill.time_grant = None
    begins = autobill.status == AutoBillStatus.PENDING_ACTIVATION
    if begins:
        begun = autobill_state.after_billing(standing.of(autobill), free=False)
        standing.change(work, autobill, begun)
    _move(work, autobill, coming, move, told=not begins)
    return True


def _move(work: Work, autobill: AutoBill, coming: Cycle, move: Move, *, told: bool = True) -> None:
    """``told``: the customer expects a bill; one who orders with free time does not."""
    before = autobill.next_billing_on
    autobill.moves = (*autobill.moves, move)
    if billing_moves.is_monthly(autobill, coming):
        autobill.billing_day = move.anchor_day or move.to.day
    work.uow.events.record_autobill(autobill.vid, "DELAY_BILL", work.now)
    billing_moves.follow_up(work, autobill)
    if told and autobill.next_billing_on != before:
        notices.delayed(work, autobill)
