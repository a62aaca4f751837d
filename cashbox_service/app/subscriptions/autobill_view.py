"""What an answer shows of an AutoBill beyond its own row: the projection of the next billing, its credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import invoicing, projecting, schedule, time_credit
from cashbox_service.app.subscriptions import cancel_reasons
from cashbox_service.domain.calendar import NEVER, midnight
from cashbox_service.domain.lines import (
    Line,
    amount_of,
    projected_amount,
    projection_lines,
    with_settlements,
)
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import AutoBill, AutoBillItem, CreditGrant, Invoice


@dataclass(frozen=True, slots=True)
class Projection:
    """The next billing as it would be today (billing-engine §4, nextBilling)."""

    date: date
    amount: Decimal
    lines: tuple[Line, ...]


class AutoBillView:
    """An AutoBill with what is computed for answers."""

    def __init__(self, work: Work, autobill: AutoBill, *, dryrun: bool = False) -> None:
        self.work = work
        self.autobill = autobill
        self.dryrun = dryrun

    @property
    def status(self) -> str:
        return "Dryrun" if self.dryrun else self.autobill.status

    @cached_property
    def credit(self) -> Sequence[CreditGrant]:
        return self.work.uow.credits.available_to_autobill(self.autobill.vid)

    @property
    def cancel_reason(self) -> str | None:
        """What is said of the code for which it was cancelled."""
        code = self.autobill.cancel_reason_code
        return cancel_reasons.description(self.work, code) if code is not None else None

    @cached_property
    def open_invoice(self) -> Invoice | None:
        return self.work.uow.invoices.open_of(self.autobill.vid)

    @cached_property
    def next_billing(self) -> Projection | None:
        """None when nothing will be billed, and while only a new payment method helps (billing-engine §4)."""
        autobill = self.autobill
        if autobill.billing_state in ("Unusable PaymentMethod", "Grace Period", "Billing Completed"):
            return None
        if autobill.billing_state == "In Retry" and autobill.retry_on is not None:
            unpaid = self.work.uow.invoices.unpaid_of_autobill(autobill.vid)
            if unpaid:
                return self._asked(unpaid[0], autobill.retry_on)
        if autobill.next_billing_on is None or self.open_invoice is None:
            return None
        on = time_credit.projected_day(self.work, autobill, self.credit) or autobill.next_billing_on
        return self._asked(self.open_invoice, on)

    def _asked(self, invoice: Invoice, on: date) -> Projection | None:
        """What would be asked of the payment method: balance less credit, never below 0.

        None where nobody can say, as a price is missing.
        """
        currency, lines = invoice.currency, projecting.lines_now(self.work, invoice)
        if not lines:
            return None
        payments = invoicing.payments_booked(self.work, invoice)
        owed = amount_of(with_settlements(lines, currency, payments), currency)
        uses = crediting.planned(self.work, self.autobill, Money.of(owed, currency))
        asked = with_settlements(lines, currency, payments, [crediting.used_credit(use) for use in uses])
        return Projection(on, projected_amount(asked, currency), projection_lines(asked))

    @property
    def billing_offset(self) -> int | None:
        """Days between service date and billing date of the coming cycle (autobill §1, field 33)."""
        if self.autobill.specified_billing_day is None or self.autobill.next_cycle is None:
            return None
        at = schedule.cycle(self.work, self.autobill, self.autobill.next_cycle)
        return None if at is None else (at.billing_date - at.service_start).days

    def item(self, vid: str | None) -> AutoBillItem | None:
        """The item with that VID."""
        return next((one for one in self.autobill.items if vid is not None and one.vid == vid), None)

    def successor(self, item: AutoBillItem) -> AutoBillItem | None:
        """The item that took its place."""
        return next((one for one in self.autobill.items if one.transitioned_from_vid == item.vid), None)

    def item_start(self, item: AutoBillItem) -> str | None:
        """The item's startDate as a midnight dateTime (autobill §1.1)."""
        if not item.start_text:
            return None
        starts = schedule.item_start(self.work, self.autobill, item)
        return midnight(starts, self.work.zone).isoformat() if starts != NEVER else item.start_text
