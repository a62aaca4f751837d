"""AutoBills that are set aside: one in a state that cannot be, or whose billing fails, is reported and never billed.

The audit lists them with their reasons; `release` lets the next run try again.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.engine import schedule, standing
from cashbox_service.app.environment import Environment
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    CashboxError,
    ConcurrentChange,
    Unavailable,
    UnsupportedType,
)
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.logging import get_logger
from cashbox_service.store.entities import AutoBill
from cashbox_service.store.outages import is_outage

log = get_logger(__name__)

_PASSING = (ConcurrentChange, Unavailable, UnsupportedType)
"""What is wrong with the moment or with the settings of the process, not with the AutoBill."""


class ImpossibleState(CashboxError):
    """An AutoBill is in a state that no rule leads to: it must not be billed."""


def check(work: Work, autobill: AutoBill) -> None:
    """Raises ImpossibleState, with what is wrong, for an AutoBill that must not be billed."""
    pair = standing.of(autobill)
    if not pair.is_legal:
        raise ImpossibleState(f"{pair.status.value} does not go with {pair.billing_state.value}")
    if autobill.next_billing_on is None:
        return
    if autobill.status in ENDED:
        raise ImpossibleState(f"it is {autobill.status} and still has a next billing date")
    coming = work.uow.invoices.of_autobill(autobill.vid, InvoiceState.OPEN)
    if len(coming) != 1:
        raise ImpossibleState(f"it has {len(coming)} Open invoices instead of one")
    invoice = coming[0]
    if invoice.cycle is None or invoice.cycle != autobill.next_cycle:
        raise ImpossibleState(f"its Open invoice is of cycle {invoice.cycle}, not of {autobill.next_cycle}")
    if invoice.billed_on is not None:
        raise ImpossibleState(f"its Open invoice was billed on {invoice.billed_on}")
    if schedule.cycle(work, autobill, invoice.cycle) is None:
        raise ImpossibleState(f"its plan has no cycle {invoice.cycle}")


def after_failure(env: Environment, merchant: MerchantContext, autobill_vid: str, error: Exception) -> None:
    """An AutoBill could not be billed: park it, unless the cause will pass by itself.

    A database that does not answer is raised again: nothing can be done then.
    """
    if is_outage(error):
        raise error
    if isinstance(error, _PASSING):
        log.warning("autobill left to the next run", autobill=autobill_vid, reason=type(error).__name__)
        return
    reason = str(error) if isinstance(error, CashboxError) else _place_of(error)
    log.error("autobill parked", autobill=autobill_vid, reason=reason, exc_info=error)
    with closing(env.open(merchant)) as work, work.writing():
        found = _locked(work, autobill_vid)
        found.parked_reason = reason
        work.uow.events.mention("autobills", "parked", found.vid, work.now, reason=reason)


def parked(env: Environment, merchant: MerchantContext) -> list[tuple[str, str]]:
    """The merchant's parked AutoBills: their ids and the reasons, oldest first."""
    with closing(env.open(merchant)) as work:
        return [(one.merchant_autobill_id, one.parked_reason or "") for one in work.uow.autobills.parked()]


def release(env: Environment, merchant: MerchantContext, ids: Sequence[str] = ()) -> list[str]:
    """Let the next run bill parked AutoBills again, all of them when none is named; the ids of those it did.

    Raises AutoBillNotFound for an id that is unknown; nothing is released then.
    """
    with closing(env.open(merchant)) as work:
        found = [_named(work, one) for one in ids] if ids else work.uow.autobills.parked()
        released = [(one.vid, one.merchant_autobill_id) for one in found if one.parked_reason is not None]
        for vid, merchant_autobill_id in released:
            with work.writing():
                _locked(work, vid).parked_reason = None
            log.info("autobill released", autobill=vid, merchant_autobill_id=merchant_autobill_id)
        return [merchant_autobill_id for _, merchant_autobill_id in released]


def try_again(autobills: Sequence[AutoBill]) -> None:
    """Let the next run bill those that are set aside, as what they are billed by has changed; they are locked."""
    for autobill in autobills:
        if autobill.parked_reason is not None:
            autobill.parked_reason = None
            log.info("autobill released", autobill=autobill.vid, reason="its plan or product was changed")


def _named(work: Work, merchant_autobill_id: str) -> AutoBill:
    found = work.uow.autobills.by_merchant_id(merchant_autobill_id)
    if found is None:
        raise AutoBillNotFound("merchantAutoBillId", merchant_autobill_id)
    return found


def _locked(work: Work, autobill_vid: str) -> AutoBill:
    found = work.uow.autobills.by_vid(autobill_vid)
    assert found is not None
    accounts.lock(work, found.account_vid)
    autobill = work.uow.autobills.lock(autobill_vid)
    assert autobill is not None
    return autobill


def _place_of(error: Exception) -> str:
    """Kind and place of an error nobody expected; its text may quote what it should not."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"
