"""Cancelling AutoBills: one by one, all of an account, or only what it would cost.

Source: autobill §6.5, §6.40; account §3.2.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import ending, notices, standing
from cashbox_service.app.subscriptions import autobill_lookup, cancel_reasons, final_settlement
from cashbox_service.app.subscriptions.final_settlement import Settled
from cashbox_service.domain.errors import AutoBillNotFound, CommitmentNotMet
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import Account, AutoBill, Refund, Transaction


@dataclass(frozen=True, slots=True)
class CancelOptions:
    """How to cancel. ``force``: also inside the minimum commitment; ``notice``: tell the customer by mail."""

    disentitle: bool = False
    force: bool = False
    settle: bool = False
    notice: bool = True
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The AutoBill as it is now, and what settling it made."""

    autobill: AutoBill
    transactions: Sequence[Transaction] = ()
    refunds: Sequence[Refund] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """What cancelling would cost, or give back where it is negative. The VIDs of what would be new name nothing."""

    amount: Money
    note: str
    transactions: Sequence[Transaction] = ()
    refunds: Sequence[Refund] = ()
    would_be_new: Collection[str] = field(default=())


def cancel(work: Work, reference: Reference, options: CancelOptions) -> Cancelled:
    """Cancel an AutoBill; one that has ended stays as it is.

    Raises MissingField, AutoBillNotFound, CancelReasonNotFound, CommitmentNotMet.
    """
    found = autobill_lookup.resolve(work, reference)
    reason = cancel_reasons.checked(work, options.reason_code)
    vid, account_vid = found.vid, found.account_vid

    def ended() -> tuple[AutoBill, Settled]:
        with work.writing():
            accounts.lock(work, account_vid)
            return _end(work, vid, options, reason)

    autobill, settled = starting_over(ended)
    final_settlement.carry_on(work, settled)
    return Cancelled(autobill, settled.transactions, settled.refunds)


def stop(
    work: Work, account_reference: Reference, references: Sequence[Reference], options: CancelOptions
) -> Account:
    """Cancel the AutoBills that are named, or all of the account that still run; all of them or none.

    Raises as `cancel`, and AccountNotFound.
    """
    account = accounts.resolve(work, account_reference)
    reason = cancel_reasons.checked(work, options.reason_code)
    vids = [_of_account(work, account, reference).vid for reference in references]
    if not references:
        vids = [one.vid for one in work.uow.autobills.of_accounts([account.vid])]
    account_vid = account.vid

    def ended() -> Account:
        with work.writing():
            locked = accounts.lock(work, account_vid)
            for vid in sorted(vids):
                _end(work, vid, options, reason)
            return locked

    return starting_over(ended)


@contextmanager
def quote(work: Work, reference: Reference, *, force: bool) -> Iterator[Quote]:
    """What cancelling at once and settling would come to today; the answer is built before this is left.

    Raises MissingField, AutoBillNotFound, CommitmentNotMet.
    """
    found = autobill_lookup.resolve(work, reference)
    vid, account_vid, currency = found.vid, found.account_vid, found.currency
    options = CancelOptions(disentitle=True, force=force, settle=True, notice=False)
    with work.rehearsing() as would_be_new:
        accounts.lock(work, account_vid)
        autobill = work.uow.autobills.lock(vid)
        assert autobill is not None
        net = Money.zero(currency)
        if ending.can_end(autobill, at_once=True):
            net = final_settlement.work_out(work, autobill, ends_now=True).net
            net = net - crediting.total(crediting.planned(work, autobill, net), currency)
        _, settled = _end(work, vid, options, cancel_reasons.checked(work, None))
        work.uow.flush()
        yield Quote(net, _note(net), settled.transactions, settled.refunds, would_be_new)


def _note(net: Money) -> str:
    if net.is_zero:
        return "Nothing would be charged or refunded."
    return f"{'Refund' if net.is_negative else 'Charge'} of {abs(net)} on cancellation."


def _of_account(work: Work, account: Account, reference: Reference) -> AutoBill:
    """Raises AutoBillNotFound also for one of another account."""
    found = autobill_lookup.resolve(work, reference)
    if found.account_vid != account.vid:
        raise AutoBillNotFound("VID", found.vid)
    return found


def _end(work: Work, vid: str, options: CancelOptions, reason: str) -> tuple[AutoBill, Settled]:
    """End one AutoBill inside the caller's transaction, the account locked."""
    autobill = work.uow.autobills.lock(vid)
    assert autobill is not None
    if not ending.can_end(autobill, at_once=options.disentitle):
        return autobill, Settled()
    _check_commitment(work, autobill, options)
    was_running = not standing.of(autobill).has_ended
    found = final_settlement.work_out(work, autobill, ends_now=options.disentitle)
    if options.disentitle:
        ending.cancel_at_once(work, autobill, reason)
    else:
        ending.cancel(work, autobill, reason)
    settled = Settled()
    if options.settle:
        settled = final_settlement.settle(work, autobill, found)
    elif was_running:
        final_settlement.leave_open(work, autobill, found)
    if options.notice and was_running:
        notices.cancelled(work, autobill)
    work.uow.flush()
    return autobill, settled


def _check_commitment(work: Work, autobill: AutoBill, options: CancelOptions) -> None:
    if options.force or standing.of(autobill).has_ended:
        return
    if final_settlement.completed_cycles(work, autobill) < autobill.minimum_commitment:
        raise CommitmentNotMet
