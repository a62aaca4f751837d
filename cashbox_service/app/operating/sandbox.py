"""What a developer may do to a merchant in the sandbox: move its clock, bill, dispute a payment, start over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import Any

from cashbox_service.app.collection import capturing, janitor
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.disputes import disputing, refund_batch
from cashbox_service.app.disputes.disputing import Stored
from cashbox_service.app.disputes.drafts import ChargebackDraft
from cashbox_service.app.engine import billing, replay
from cashbox_service.app.engine.billing import Progress
from cashbox_service.app.engine.replay import Keeper, Report, Step
from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import card_expiry, letters
from cashbox_service.app.operating import merchants
from cashbox_service.app.pushing import expiring
from cashbox_service.domain.errors import IllegalState, NotFound
from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.processors import sandbox_gift_cards
from cashbox_service.processors.script import QueuedScript
from cashbox_service.store import registry
from cashbox_service.store.gift_card_shelf import DatabaseCardShelf
from cashbox_service.store.replay_shelf import KeptReplay, ReplayShelf
from cashbox_service.store.scripts import DatabaseScripts

_MICROSECOND = timedelta(microseconds=1)
_NO_PATIENCE = timedelta(0)
"""When days go by on the merchant's clock, requests to processors are old enough to be asked after."""


class ReplayNotFound(NotFound):
    """No such replay is kept."""

    kind = "replay"


def show_clock(env: Environment, merchant: MerchantContext) -> datetime:
    """The merchant's time."""
    return env.now(merchant)


def set_clock(env: Environment, merchant: MerchantContext, moment: datetime) -> None:
    """Move the clock without doing what becomes due on the way; the next run makes it up.

    Any time while the merchant has no AutoBill, afterwards only forward: IllegalState otherwise.
    """
    if moment < env.now(merchant) and _has_autobills(env, merchant):
        raise IllegalState(
            "Clock", merchant.login, "running", "The clock can only go forward: the merchant has AutoBills."
        )
    offset = (moment - env.clock.now()) // _MICROSECOND
    merchants.set_clock_offset(env.database, merchant.vid, offset)


def advance_clock(
    env: Environment,
    merchant: MerchantContext,
    days: int,
    *,
    limit: int = replay.DEFAULT_LIMIT,
    keep: bool = False,
    tell: Callable[[Step], None] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Move the clock by calendar days of the business zone and do everything due on the way, day by day.

    The report tells what happened, in order, up to ``limit`` steps; ``tell`` is given each of them at once. To
    ``keep`` it is to have all of them read later, where there are more.
    """
    zone, login = merchant.settings.zone, merchant.login
    local = env.now(merchant).astimezone(zone)
    target = datetime.combine(local.date() + timedelta(days=days), local.timetz().replace(tzinfo=None), zone)
    report = _report(env, merchant, limit, keep=keep)
    listening = replay.reported(env, report, tell)
    day: date | None = None
    while (day := _next_due(env, merchant, target, day)) is not None:
        moment = min(_early_on(day, merchant), target)
        if moment > env.now(merchant):
            set_clock(env, merchant, moment)
            merchant = env.merchant(login)
        _run(listening, merchant, None, _NO_PATIENCE, progress)
    set_clock(env, merchant, target)
    _run(listening, env.merchant(login), target, _NO_PATIENCE, progress)
    return _finished(report)


def run_billing(
    env: Environment,
    merchant: MerchantContext,
    until: datetime | None,
    *,
    limit: int = replay.DEFAULT_LIMIT,
    keep: bool = False,
    tell: Callable[[Step], None] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Settle, capture, refund and bill everything due by ``until``; told as `advance_clock` does."""
    report = _report(env, merchant, limit, keep=keep)
    _run(replay.reported(env, report, tell), merchant, until, janitor.PATIENCE, progress)
    return _finished(report)


def _report(env: Environment, merchant: MerchantContext, limit: int, *, keep: bool) -> Report:
    shelf = ReplayShelf(env.database, merchant.vid)
    return Report(limit, keeper=Keeper(shelf, env.now(merchant)) if keep else None)


def _finished(report: Report) -> Report:
    if report.keeper is not None:
        report.keeper.finish(report.counts)
    return report


def replays(env: Environment, merchant: MerchantContext) -> Sequence[KeptReplay]:
    """The merchant's runs that did more than their answers showed, the latest first."""
    return ReplayShelf(env.database, merchant.vid).kept()


def replay_page(
    env: Environment, merchant: MerchantContext, vid: str, page: int, size: int
) -> tuple[KeptReplay, Sequence[Step]]:
    """Steps page·size+1 … (page+1)·size of a run. Raises ReplayNotFound."""
    shelf = ReplayShelf(env.database, merchant.vid)
    found = shelf.find(vid)
    if found is None:
        raise ReplayNotFound("replay", vid)
    first = page * size
    steps = shelf.steps(vid, first, size) if first < found.steps else []
    return found, [Step.from_json(step) for step in steps]


def _run(
    env: Environment,
    merchant: MerchantContext,
    until: datetime | None,
    patience: timedelta,
    progress: Progress | None,
) -> None:
    janitor.run(env, merchant, patience)
    capturing.run(env, merchant)
    refund_batch.run(env, merchant)
    billing.run_due(env, merchant, until, progress)
    expiring.run(env, merchant)
    card_expiry.remind(env, merchant)
    letters.write(env, merchant, wait=True)


def reset(env: Environment, merchant: MerchantContext) -> None:
    """Empty the merchant's data and put its clock back to real time.

    Log-ins, keys, settings, tables and subscriptions stay.
    """
    with registry.changing(env.database) as rows:
        rows.empty(merchant.vid)
    env.database.known_names.clear()
    merchants.set_clock_offset(env.database, merchant.vid, 0)


def change_settings(
    env: Environment, merchant: MerchantContext, changes: Mapping[str, Any]
) -> MerchantSettings:
    """Change some of the merchant's settings. Raises InvalidValue naming the setting."""
    return merchants.change_settings(env.database, merchant.vid, changes)


def script_processor(
    env: Environment, merchant: MerchantContext, outcomes: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """What the sandbox processor answers to the merchant's next requests; what is waiting now.

    Raises InvalidValue naming what is wrong with an outcome.
    """
    script = QueuedScript(DatabaseScripts(env.database))
    script.put(merchant.vid, outcomes)
    return script.waiting(merchant.vid)


def put_gift_cards(
    env: Environment, merchant: MerchantContext, cards: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """Put cards on the shelf of the simulated provider, or replace them; what they are, without their pins.

    Raises MissingField, InvalidValue naming what is wrong with a card.
    """
    read = [sandbox_gift_cards.card_of(card) for card in cards]
    filed = {sandbox_gift_cards.digest(merchant.vid, pin): card for pin, card in read}
    DatabaseCardShelf(env.database).put(merchant.vid, filed)
    return [{"lastDigits": pin[-4:], "sku": card["sku"], "state": card["state"]} for pin, card in read]


def receive_chargeback(env: Environment, merchant: MerchantContext, draft: ChargebackDraft) -> Stored:
    """A chargeback as a processor would send it: without an amount one of the whole transaction.

    Raises as `disputing.update`.
    """
    work = env.open(merchant)
    try:
        disputed = work.uow.transactions.by_merchant_id(draft.merchant_transaction_id or "")
        if disputed is not None and draft.amount is None and not _is_known(work, draft, disputed.vid):
            draft.amount = disputed.amount
            draft.currency = draft.currency or disputed.currency
        return disputing.update(work, draft)
    finally:
        work.close()


def _is_known(work: Work, draft: ChargebackDraft, transaction_vid: str) -> bool:
    """Whether the message is about a chargeback that came before."""
    if draft.vid is not None:
        return True
    return bool(
        draft.case_number and work.uow.chargebacks.with_case_number(draft.case_number, transaction_vid)
    )


def _next_due(
    env: Environment, merchant: MerchantContext, target: datetime, after: date | None
) -> date | None:
    """The next day up to the target on which something is due; what stays due on a day waits for somebody."""
    with closing(env.open(merchant)) as work:
        last = target.astimezone(merchant.settings.zone).date()
        found = work.uow.autobills.earliest_due(last, target, after=after)
        letters_on = card_expiry.next_day(merchant, max(work.today, after or work.today))
    days = (day for day in (found, letters_on) if day is not None and day <= last)
    return min(days, default=None)


def _early_on(day: date, merchant: MerchantContext) -> datetime:
    """The first minute of a day, when its billing run begins."""
    return datetime.combine(day, time(0, 1), merchant.settings.zone)


def _has_autobills(env: Environment, merchant: MerchantContext) -> bool:
    work = env.open(merchant)
    try:
        return work.uow.autobills.exist()
    finally:
        work.close()
