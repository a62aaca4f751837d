"""Entitlements whose time runs out while nobody does anything: the end of each is told when it has come (§1.5).

Runs behind the billing, which ends what it ends by a decision. Nobody looks for merchants without a listener.
"""

from __future__ import annotations

from contextlib import closing

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.notify.events import EventClass
from cashbox_service.store.entities import PushCursor

_AT_ONCE = 200


def run_all(env: Environment) -> int:
    """For every merchant, at its own time; how many ends were told."""
    return sum(run(env, merchant) for merchant in env.merchants())


def run(env: Environment, merchant: MerchantContext) -> int:
    """What has run out since the last time, in order; from the first time on, nothing that lies before it."""
    if EventClass.ENTITLEMENT not in merchant.push_classes:
        return 0
    told = 0
    with closing(env.open(merchant)) as work:
        while True:
            found = _tell_some(work)
            told += found
            if found < _AT_ONCE:
                return told


def begin(work: Work) -> None:
    """Ends from now on are told; inside the transaction that subscribes to them."""
    cursor = work.uow.push.cursor()
    if cursor is None:
        cursor = work.uow.push.add(PushCursor(ended_at=work.now, ended_vid=""))
    cursor.ended_at, cursor.ended_vid = work.now, ""


def _tell_some(work: Work) -> int:
    with work.writing():
        cursor = work.uow.push.cursor()
        if cursor is None or cursor.ended_at > work.now:  # the merchant's clock was put back
            begin(work)
            return 0
        ended = work.uow.entitlements.ended_by_themselves(
            cursor.ended_at, cursor.ended_vid, work.now, _AT_ONCE
        )
        for entry in ended:
            assert entry.end_at is not None
            work.uow.events.enqueue("entitlements", "stop", entry.vid, entry.end_at)
            cursor.ended_at, cursor.ended_vid = entry.end_at, entry.vid
        return len(ended)
