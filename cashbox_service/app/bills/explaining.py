"""Why an invoice is as it is: for every line the chain of rules and dates that produced it.

Made from what is stored: the invoice and its lines, the origins kept when it was billed, the credit history, the
allocations, the attempts. Of an Open invoice it explains what it would charge today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

from cashbox_service.app.bills import origins
from cashbox_service.app.bills.explaining_changes import why_changed
from cashbox_service.app.bills.explaining_money import attempts, settlements
from cashbox_service.app.bills.explanation import ExplainedLine, Explanation, Reason, rounded
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.engine import projecting, schedule
from cashbox_service.app.environment import Environment
from cashbox_service.app.sales.recording import MIGRATED
from cashbox_service.app.usage import rating_reasons
from cashbox_service.domain.errors import InvoiceNotFound
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.lines import Line
from cashbox_service.domain.origin import CycleOrigin, InvoiceOrigin, LineOrigin, PriceSource
from cashbox_service.store.entities import Invoice


def explain(env: Environment, merchant: MerchantContext, invoice_id: str) -> list[Explanation]:
    """The invoices of the merchant with this id or VID. Raises InvoiceNotFound."""
    with closing(env.open(merchant)) as work:
        found = work.uow.invoices.with_id(invoice_id)
        if not found:
            raise InvoiceNotFound("invoiceId", invoice_id)
        return [_explained(work, invoice) for invoice in found]


def _explained(work: Work, invoice: Invoice) -> Explanation:
    autobill = invoice.autobill
    lines, origin = _lines(work, invoice)
    by_number = {one.line: one for one in origin.lines}
    return Explanation(
        invoice=invoice.invoice_id,
        state=invoice.state,
        autobill=autobill.merchant_autobill_id if autobill is not None else None,
        account=invoice.account.merchant_account_id,
        currency=invoice.currency,
        amounts={
            "charges": rounded(invoice.charges, invoice.currency),
            "exclusiveTax": rounded(invoice.exclusive_tax, invoice.currency),
            "creditsUsed": rounded(invoice.credits_used, invoice.currency),
            "paid": rounded(invoice.allocated, invoice.currency),
            "balance": rounded(invoice.balance, invoice.currency),
        },
        dates={
            "invoiceDate": invoice.invoice_on,
            "billedOn": invoice.billed_on,
            "dueDate": invoice.due_on,
            "overdueFrom": invoice.overdue_on,
            "serviceStart": invoice.service_start,
            "serviceEnd": invoice.service_end,
        },
        reasons=tuple(_why_billed(work, invoice, origin.cycle)),
        lines=(
            *(_line(work, invoice, line, by_number.get(line.index_number or 0)) for line in lines),
            *settlements(work, invoice),
        ),
        attempts=tuple(attempts(work, invoice)),
    )


def _lines(work: Work, invoice: Invoice) -> tuple[Sequence[Line], InvoiceOrigin]:
    """The lines with their origins; of an Open invoice those of today."""
    autobill = invoice.autobill
    if invoice.state != InvoiceState.OPEN or invoice.cycle is None or autobill is None:
        return invoice.lines, invoice.origin or InvoiceOrigin()
    at = schedule.cycle(work, autobill, invoice.cycle)
    lines = projecting.lines_now(work, invoice)
    if at is None:
        return lines, InvoiceOrigin()
    return lines, origins.of_cycle(work, autobill, at, lines)


def _why_billed(work: Work, invoice: Invoice, origin: CycleOrigin | None) -> Iterator[Reason]:
    if invoice.autobill_vid is None:
        yield Reason("alone", "It was made by itself: nothing but its maker decided it.")
    elif invoice.state == InvoiceState.CLOSED:
        yield Reason(
            "closed", "Closed before its day: the AutoBill ended, or a change put another one in its place."
        )
    elif invoice.cycle is None and invoice.by_hand:
        yield Reason(
            "settlement", "It asks for what was left to pay when the AutoBill ended; it bills no cycle."
        )
    elif invoice.cycle is None:
        yield Reason("between cycles", "A change charged it at once; it bills no cycle.")
    elif origin is None and any(
        one.kind == MIGRATED for one in work.uow.transactions.of_invoice(invoice.vid)
    ):
        yield Reason(
            "migrated",
            f"Another system billed cycle {invoice.cycle}; lines and payment are as it told.",
            {"autoBillCycle": invoice.cycle},
        )
    if origin is None:
        return
    cycles = f"{origin.cycles} times" if origin.cycles else "without end"
    yield Reason(
        "plan",
        f"Plan {origin.plan_id}, period {origin.period} of {origin.periods}: every {origin.quantity} "
        f"{origin.type.lower()}(s), {cycles}; pass {origin.pass_number}, counted from {origin.plan_start}.",
        {
            "plan": origin.plan_id,
            "planVid": origin.plan_vid,
            "period": origin.period,
            "type": origin.type,
            "quantity": origin.quantity,
            "cycles": origin.cycles,
            "pass": origin.pass_number,
            "planStart": origin.plan_start,
        },
    )
    yield Reason(
        "cycle",
        f"Cycle {invoice.cycle} of the AutoBill, {invoice.plan_cycle} of the plan, serves "
        f"{invoice.service_start} to {invoice.service_end}.",
        {
            "autoBillCycle": invoice.cycle,
            "billingPlanCycle": invoice.plan_cycle,
            "serviceStart": invoice.service_start,
            "serviceEnd": invoice.service_end,
        },
    )
    if origin.season_first is not None:
        yield Reason(
            "season",
            f"Season {origin.season_first} to {origin.season_last}: "
            f"its cycles begin within it, and the last serves to its end.",
            {"seasonStart": origin.season_first, "seasonEnd": origin.season_last},
        )
    yield Reason("timing", _timing_text(invoice, origin), _timing_facts(invoice, origin))
    if invoice.free:
        yield Reason("free period", "The period is free: plan and items cost nothing, added charges do.")


def _timing_text(invoice: Invoice, origin: CycleOrigin) -> str:
    parts = []
    if origin.billing_day is not None:
        parts.append(f"billing day {origin.billing_day} was chosen")
    if origin.moved_to is not None:
        parts.append(f"this billing was moved to {origin.moved_to}")
    if origin.anchored is not None:
        parts.append(f"the schedule is counted from {origin.anchored} for good")
    if origin.specified_day is not None:
        parts.append(f"billed on day {origin.specified_day} ({origin.rule or 'Advance'} of the service date)")
    if origin.lead_days:
        parts.append(f"{origin.lead_days} day(s) ahead of the service date")
    how = "; ".join(parts) or "on its service date"
    return f"Invoice date {invoice.invoice_on}: {how}."


def _timing_facts(invoice: Invoice, origin: CycleOrigin) -> dict[str, Any]:
    return {
        "invoiceDate": invoice.invoice_on,
        "leadDays": origin.lead_days,
        "billingDay": origin.billing_day,
        "specifiedBillingDay": origin.specified_day,
        "billingRule": origin.rule,
        "movedTo": origin.moved_to,
        "anchored": origin.anchored,
    }


def _line(work: Work, invoice: Invoice, line: Line, origin: LineOrigin | None) -> ExplainedLine:
    return ExplainedLine(
        number=line.index_number,
        name=line.name,
        sku=line.sku,
        amount=line.total,
        reasons=tuple(_why_line(work, invoice, line, origin)),
    )


def _why_line(work: Work, invoice: Invoice, line: Line, origin: LineOrigin | None) -> Iterator[Reason]:
    if line.is_tax_summary:
        yield Reason("tax summary", "Sums up the taxes of all lines; it is no part of the amount.")
        yield from _why_tax(invoice, line)
        return
    yield from why_changed(work, invoice, line)
    if origin is not None:
        yield from _why_here(line, origin)
        yield _why_price(invoice, line, origin)
    if origin is not None and origin.rating is not None:
        yield Reason("rating", *rating_reasons.why(origin.rating, line, invoice.currency))
    if line.quantity != 1:
        yield Reason(
            "quantity",
            f"{line.price} × {_number(line.quantity)} = {line.subtotal}.",
            {"price": line.price, "quantity": line.quantity, "subtotal": line.subtotal},
        )
    if line.discount:
        yield Reason(
            "discount",
            f"{line.campaign_description or 'A campaign'} takes {-line.discount} off before tax.",
            {"discount": line.discount, "campaign": line.campaign_id},
        )
    if line.service_start is not None and (line.service_start, line.service_end) != (
        invoice.service_start,
        invoice.service_end,
    ):
        yield Reason(
            "service period",
            f"Covers {line.service_start} to {line.service_end}.",
            {"serviceStart": line.service_start, "serviceEnd": line.service_end},
        )
    for pair in line.name_values:
        yield Reason("note", f"{pair.name}: {pair.value}", {"name": pair.name, "value": pair.value})
    yield from _why_tax(invoice, line)


def _why_here(line: Line, origin: LineOrigin) -> Iterator[Reason]:
    if origin.source is PriceSource.CHARGE:
        yield Reason("added charge", f"Added on {origin.since} to the next bill.", {"addedOn": origin.since})
    elif line.autobill_item_vid is None:
        yield Reason("plan line", "The plan's own line stands on every bill, at 0 too.")
    else:
        asked = f', as its startDate "{origin.start_text}" says' if origin.start_text else ""
        times = f" of {origin.cycles}" if origin.cycles else ""
        yield Reason(
            "item timing",
            f"The item is billed from {origin.since} on{asked}; this is billing {origin.billing}{times}.",
            {
                "item": line.merchant_autobill_item_id or line.autobill_item_vid,
                "product": origin.product_vid,
                "startsOn": origin.since,
                "billing": origin.billing,
                "cycles": origin.cycles,
            },
        )


def _why_price(invoice: Invoice, line: Line, origin: LineOrigin) -> Reason:
    named = f" (price list {origin.price_list})" if origin.price_list else ""
    texts = {
        PriceSource.PERIOD: f"Row {origin.row} of the period's prices{named} is in {invoice.currency}",
        PriceSource.PRODUCT: f"Row {origin.row} of the product's prices is in {invoice.currency}",
        PriceSource.ITEM: "The item's own amount wins over the product's prices",
        PriceSource.NONE: "There are no prices: it costs nothing",
        PriceSource.CHARGE: "The price it was added with",
        PriceSource.RATED: "The rate plan gives the price of all units together",
    }
    text = texts[origin.source]
    listed = rounded(origin.price, invoice.currency) if origin.price is not None else None
    if listed is not None:
        text += f": {listed:f}"
    if origin.price and not line.price and invoice.free:
        text += ", and nothing as the period is free"
    elif _was_announced(invoice, line, origin):
        text += f", but the customer was told {line.price:f} ahead of the bill"
    return Reason(
        "price",
        f"{text}.",
        {
            "source": origin.source.value,
            "row": origin.row,
            "priceList": origin.price_list,
            "listPrice": listed,
            "price": line.price,
            "currency": invoice.currency,
        },
    )


def _was_announced(invoice: Invoice, line: Line, origin: LineOrigin) -> bool:
    """Whether the price is the one that a pre-billing notice named, and not that of the day (billing-engine §4.1)."""
    listed = (PriceSource.PERIOD, PriceSource.PRODUCT, PriceSource.ITEM)
    whole = (line.service_start, line.service_end) == (invoice.service_start, invoice.service_end)
    return origin.source in listed and invoice.cycle is not None and whole and origin.price != line.price


def _why_tax(invoice: Invoice, line: Line) -> Iterator[Reason]:
    place = invoice.sales_tax_address
    where = ", ".join(part for part in (place.district, place.country) if part) if place is not None else None
    for part in line.tax:
        rate = f"{_number(part.tax_rate * 100)} % " if part.tax_rate is not None else ""
        yield Reason(
            "tax",
            f"{part.name} ({part.jurisdiction}): {rate}on {line.net} is {part.amount}"
            if not line.is_tax_summary
            else f"{part.name} ({part.jurisdiction}): {part.amount} in all",
            {
                "jurisdiction": part.jurisdiction,
                "name": part.name,
                "rate": part.tax_rate,
                "base": None if line.is_tax_summary else line.net,
                "amount": part.amount,
                "class": line.tax_classification,
                "type": line.tax_type.value if line.tax_type is not None else None,
                "place": where,
            },
        )
    if line.is_tax_summary:
        for complaint in invoice.tax_errors:
            yield Reason("no tax", complaint)


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
