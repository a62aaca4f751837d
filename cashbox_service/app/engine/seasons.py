"""Season sets while AutoBills run on them, and what is in season today (catalog §3, billing-engine §5; autobill §6.31).

Changes run inside the caller's write transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.engine import entitling, invoicing, schedule
from cashbox_service.app.offers import catalog
from cashbox_service.app.offers.drafts import SeasonSetDraft
from cashbox_service.app.paging import page
from cashbox_service.domain import season as rules
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import AutoBill, BillingPlan, Invoice, SeasonSet


def put(work: Work, draft: SeasonSetDraft, *, may_be_empty: bool = False) -> SeasonSet:
    """Find, change or create a season set; AutoBills on it follow its new dates, and go on where a season was added.

    Raises as `catalog.put_season_set`, and InvalidValue for a season that was billed and gets other dates.
    """
    known = catalog.find_season_set(work, draft)
    if known is None or not draft.seasons:
        return catalog.put_season_set(work, draft, may_be_empty=may_be_empty)
    users = entitling.locked(work, work.uow.catalog.autobills_on_season_set(known.vid))
    before = known.seasons
    stored = catalog.put_season_set(work, draft)
    if stored.seasons != before:
        billed_to = work.uow.catalog.season_set_billed_to(stored.vid)
        rules.check_kept(before, stored.seasons, billed_to, work.uow.catalog.longest_lead(stored.vid))
        for autobill in users:
            follow(work, autobill)
    return stored


def follow(work: Work, autobill: AutoBill) -> None:
    """Bill by the seasons as they are now: the Open invoice moves, goes, or comes back."""
    opened = work.uow.invoices.open_of(autobill.vid)
    if opened is not None and opened.cycle is not None:
        if schedule.cycle(work, autobill, opened.cycle) is not None:
            invoicing.refresh_open(work, autobill)
        else:
            _withdraw(work, autobill, opened)
    elif opened is None:
        invoicing.open_invoice(work, autobill, _next_cycle(work, autobill))
    work.uow.flush()
    entitling.refresh(work, autobill)


@dataclass(frozen=True, slots=True)
class SeasonQuery:
    """Which day is asked about, today when absent, and which page: all on one where neither part is given."""

    day: date | None = None
    page: int | None = None
    size: int | None = None


def autobills(work: Work, query: SeasonQuery, *, in_season: bool) -> Sequence[AutoBill]:
    """AutoBills that bill by seasons, and the day is in one of them, or is not. Raises InvalidWindow."""
    day = query.day or work.today
    found = [
        one
        for one in work.uow.autobills.on_season_sets(work.settings.max_page_size)
        if _is_in_season(one.billing_plan, day) is in_season
    ]
    if query.page is None and query.size is None:
        return found
    wanted = page(query.page, query.size, work.settings.max_page_size)
    return found[wanted.number * wanted.size :][: wanted.size]


def _is_in_season(plan: BillingPlan, day: date) -> bool:
    seasons = plan.season_set.seasons if plan.season_set is not None else ()
    return rules.season_on(seasons, day) is not None


def _withdraw(work: Work, autobill: AutoBill, invoice: Invoice) -> None:
    """The season of the Open invoice is gone: what was paid ahead becomes credit, and billing pauses."""
    balance = Money.of(invoice.balance, invoice.currency)
    invoice.state = transition(
        invoice.invoice_id, InvoiceState.OPEN, InvoiceEvent.CLOSE, balance=balance
    ).value
    settlement.release_closed(work, invoice)
    invoice.cycle = None
    autobill.next_cycle = autobill.next_billing_on = None


def _next_cycle(work: Work, autobill: AutoBill) -> int:
    billed = [one.cycle for one in work.uow.invoices.of_autobill(autobill.vid) if one.cycle is not None]
    return max(billed) + 1 if billed else autobill.plan_cycle_offset
