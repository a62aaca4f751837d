"""Changing an AutoBill that exists (autobill §6.1, "Changing an existing AutoBill")."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_currency, check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.engine import entitling, invoicing, postponing, schedule, standing
from cashbox_service.app.offers import billing_plans
from cashbox_service.app.promotions import discounting
from cashbox_service.app.subscriptions import (
    activating,
    autobill_build,
    autobill_checks,
    autobill_items,
    billing_moves,
    item_history,
)
from cashbox_service.app.subscriptions.autobill_build import Built
from cashbox_service.app.subscriptions.drafts import AutoBillDraft, AutoBillItemDraft
from cashbox_service.app.wallet import payment_methods
from cashbox_service.domain.autobill_state import ENDED, AutoBillStatus
from cashbox_service.domain.calendar import is_imminent, midnight
from cashbox_service.domain.discount import without_plan
from cashbox_service.domain.errors import (
    AutoBillItemNotFound,
    AutoBillNotFound,
    Duplicate,
    IllegalState,
    InvalidRequest,
    InvalidValue,
)
from cashbox_service.domain.item_history import ItemAction
from cashbox_service.domain.schedule import BillingRule
from cashbox_service.store.entities import AutoBill, AutoBillItem, PaymentMethod

_TEXTS = {
    "customer_auto_bill_name": "customer_autobill_name",
    "source_ip": "source_ip",
    "billing_statement_identifier": "billing_statement_identifier",
    "merchant_affiliate_id": "merchant_affiliate_id",
    "merchant_affiliate_sub_id": "merchant_affiliate_sub_id",
    "statement_template_id": "statement_template_id",
}
_PLAIN = {
    "minimum_commitment": "minimum_commitment",
    "warn_on_expiration": "warn_on_expiration",
    "statement_format": "statement_format",
    "invoice_terms": "invoice_terms",
    "statement_offset": "statement_offset",
    "specified_billing_day": "specified_billing_day",
    "billing_rule": "billing_rule",
}
_AFTER_THE_END = (
    "minimum_commitment",
    "specified_billing_day",
    "billing_rule",
    "warn_on_expiration",
    "invoice_terms",
    "source_ip",
)
"""What the end makes pointless."""


def apply(
    work: Work,
    autobill_vid: str,
    draft: AutoBillDraft,
    initial_auth: str,
    campaign_code: str | None = None,
) -> Built:
    """Merge the draft in, inside the caller's transaction with the account locked.

    Raises InvalidRequest and its kinds; NotFound for unknown VIDs of nested objects.
    """
    autobill = work.uow.autobills.lock(autobill_vid)
    if autobill is None:
        raise AutoBillNotFound("VID", autobill_vid)
    _check_account(work, autobill, draft)
    if autobill.status in ENDED:
        _change_ended(work, autobill, draft, campaign_code)
        return Built(autobill, None, immediate=False, is_new=False)
    unbilled, start, billing = _is_unbilled(work, autobill), autobill.start_at, autobill.next_billing_on
    known_classes = autobill_checks.tax_classes(autobill)
    _change_id(work, autobill, draft)
    _change_currency(work, autobill, draft, unbilled)
    _change_plan(work, autobill, draft, unbilled)
    awaited = autobill.awaits_customer
    _change_payment_method(work, autobill, draft, unbilled)
    _change_start(work, autobill, draft, unbilled)
    by_item = _change_items(work, autobill, draft.items, unbilled)
    _merge(work, autobill, draft)
    _change_billing_day(work, autobill, draft.billing_day, unbilled)
    if autobill.specified_billing_day and not autobill.billing_rule:
        autobill.billing_rule = BillingRule.ADVANCE
    autobill_checks.check(autobill)
    autobill_checks.check_tax_classes(work, autobill, accepted=known_classes)
    autobill.modified_at = work.now
    work.uow.flush()
    codes = discounting.Codes(campaign_code, draft.billing_plan_campaign_code, by_item)
    discounting.apply(work, autobill, codes)
    invoicing.refresh_open(work, autobill)
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)
    work.uow.flush()
    work.uow.events.record_told("autobills", "data change", autobill.vid, work.now)
    if autobill.start_at != start or (awaited and not autobill.awaits_customer):
        moved_near = autobill_build.is_immediate(work, autobill, initial_auth)
    else:
        moved_near = not unbilled and _was_brought_near(work, autobill, billing, initial_auth)
    if (moved_near or not unbilled) and postponing.begin_free_time(work, autobill):
        moved_near = False
    return Built(autobill, work.uow.invoices.open_of(autobill.vid), moved_near, is_new=False)


def _was_brought_near(work: Work, autobill: AutoBill, before: date | None, initial_auth: str) -> bool:
    """Whether the change makes a billing fall due within the 25 hours in which it belongs to the call (autobill §5.1).

    Only where nothing is unpaid: an earlier cycle is collected first.
    """
    after = autobill.next_billing_on
    if before is None or after is None or after >= before or initial_auth == autobill_build.DELAYED:
        return False
    if work.uow.invoices.unpaid_of_autobill(autobill.vid):
        return False
    return is_imminent(midnight(after, work.zone), work.now, work.settings.imminent_billing_hours)


def _is_unbilled(work: Work, autobill: AutoBill) -> bool:
    return all(invoice.billed_on is None for invoice in work.uow.invoices.of_autobill(autobill.vid))


def _check_account(work: Work, autobill: AutoBill, draft: AutoBillDraft) -> None:
    given = draft.account
    if given is None or (given.vid is None and given.merchant_account_id is None):
        return
    same = (
        given.vid == autobill.account_vid
        if given.vid is not None
        else (given.merchant_account_id == autobill.account.merchant_account_id)
    )
    if not same:
        value = given.vid or given.merchant_account_id
        raise InvalidValue("account", value, "is not the AutoBill's account")
    accounts.check_id(work, autobill.account, given.merchant_account_id)


def _change_ended(work: Work, autobill: AutoBill, draft: AutoBillDraft, campaign_code: str | None) -> None:
    """After the end only labels may change; what is sent back unchanged is no change."""
    plan, method, start = draft.billing_plan, draft.payment_method, draft.start_timestamp
    changes = (
        plan is not None and billing_plans.find(work, plan) is not autobill.billing_plan,
        method is not None and payment_methods.find(work, method) is not autobill.payment_method,
        any(_differs(autobill, item) for item in draft.items),
        start is not None and start.replace(microsecond=0) != autobill.start_at,
        draft.billing_day not in (None, autobill.billing_day),
        bool(campaign_code or draft.billing_plan_campaign_code),
        any(item.campaign_code for item in draft.items),
    )
    if any(changes):
        raise IllegalState(
            "AutoBill",
            autobill.merchant_autobill_id,
            autobill.status,
            f"AutoBill is in an inactive state {autobill.status}",
        )
    _merge(work, autobill, draft, skip=_AFTER_THE_END)
    autobill.modified_at = work.now
    work.uow.events.record_told("autobills", "data change", autobill.vid, work.now)


def _differs(autobill: AutoBill, draft: AutoBillItemDraft) -> bool:
    """Whether an entry is anything but an item as it is."""
    item = _matched(autobill, draft)
    if item is None:
        return True
    amount = autobill_items.amount(draft, autobill.currency)
    return draft.quantity not in (None, item.quantity) or amount not in (None, item.amount)


def _change_id(work: Work, autobill: AutoBill, draft: AutoBillDraft) -> None:
    given = draft.merchant_auto_bill_id
    if given is None or given == autobill.merchant_autobill_id:
        return
    check_merchant_id("merchantAutoBillId", given, autobill_build.MAX_AUTOBILL_ID)
    if work.uow.autobills.by_merchant_id(given) is not None:
        raise Duplicate("merchantAutoBillId", given)
    autobill.merchant_autobill_id = given


def _change_currency(work: Work, autobill: AutoBill, draft: AutoBillDraft, unbilled: bool) -> None:
    if not draft.currency or draft.currency == autobill.currency:
        return
    if not unbilled:
        raise InvalidValue("currency", draft.currency, f"is not the AutoBill's currency {autobill.currency}")
    autobill.currency = check_currency("currency", draft.currency)
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is not None:
        if invoice.allocated:
            raise InvalidValue("currency", draft.currency, "cannot be changed: a payment is booked")
        invoice.currency = autobill.currency


def _change_plan(work: Work, autobill: AutoBill, draft: AutoBillDraft, unbilled: bool) -> None:
    """Replaced outright before the first billing; later it takes effect at the next billing (autobill §6.1)."""
    if draft.billing_plan is None:
        return
    plan = autobill_build.resolve_plan(work, draft.billing_plan)
    if plan.vid == autobill.billing_plan_vid:
        return
    if unbilled:
        start = autobill.start_at.astimezone(work.zone).date()
        item_history.note_plan(work, autobill, plan, start)
    else:
        invoicing.restart_plan(work, autobill)
        assert autobill.plan_start_on is not None
        item_history.note_plan(work, autobill, plan, autobill.plan_start_on)
    autobill.billing_plan = plan
    autobill.billing_plan_vid = plan.vid
    autobill.discounts = without_plan(autobill.discounts)
    if not unbilled and autobill.next_cycle is None:
        invoicing.open_invoice(work, autobill, autobill.plan_cycle_offset)
    work.uow.events.record_autobill(autobill.vid, "CHANGE_PLAN", work.now)


def _change_payment_method(work: Work, autobill: AutoBill, draft: AutoBillDraft, unbilled: bool) -> None:
    if draft.payment_method is None:
        return
    pending = unbilled and autobill.status == AutoBillStatus.PENDING_ACTIVATION
    method = autobill_build.method_for(work, autobill.account, draft.payment_method, may_visit=pending)
    if autobill.awaits_customer:
        activating.call_off(work, autobill)
        autobill.closes_on = None
    replace_payment_method(work, autobill, method)


def replace_payment_method(work: Work, autobill: AutoBill, method: PaymentMethod) -> None:
    """Another payment method for all further billing; an unpaid balance is tried with it at the next run."""
    if autobill.payment_method_vid == method.vid:
        return
    autobill.payment_method_vid = method.vid
    autobill.payment_method = method
    autobill.modified_at = work.now
    invoicing.try_again(work, autobill)
    work.uow.events.record_autobill(autobill.vid, "PAYMENT_METHOD_UPDATE", work.now)


def remove_payment_method(work: Work, autobill: AutoBill) -> None:
    """Nobody pays any more: the next billing fails, and the customer is told (account §7.2)."""
    if autobill.payment_method_vid is None:
        return
    autobill.payment_method_vid = None
    autobill.payment_method = None
    autobill.modified_at = work.now
    work.uow.events.record_autobill(autobill.vid, "PAYMENT_METHOD_UPDATE", work.now)


def _change_start(work: Work, autobill: AutoBill, draft: AutoBillDraft, unbilled: bool) -> None:
    """Changeable while pending and unbilled; afterwards a different value is ignored (autobill §6.1)."""
    start = draft.start_timestamp
    if start is None or not unbilled or autobill.status != "Pending Activation":
        return
    start = start.replace(microsecond=0)
    if start == autobill.start_at:
        return
    autobill.start_at = start
    if not autobill.billing_day_given:
        autobill.billing_day = start.astimezone(work.zone).date().day
    work.uow.events.record_autobill(autobill.vid, "START_DATE_CHANGE", work.now)


def _change_billing_day(work: Work, autobill: AutoBill, day: int | None, unbilled: bool) -> None:
    """Once something was billed the same as changeBillingDayOfMonth (autobill §6.1)."""
    if day is None or day == autobill.billing_day:
        return
    if not unbilled:
        billing_moves.move_to_day(work, autobill, day, "billingDay")
        return
    autobill_checks.check_day("billingDay", day)
    autobill.billing_day = day
    autobill.billing_day_given = day != autobill.start_at.astimezone(work.zone).date().day


def _change_items(
    work: Work, autobill: AutoBill, drafts: Sequence[AutoBillItemDraft], unbilled: bool
) -> list[tuple[AutoBillItem, str]]:
    """Before the first billing the list is replaced; later entries are matched, changed or added.

    Gives the campaign codes of single items.
    """
    codes: list[tuple[AutoBillItem, str]] = []
    if not drafts:
        return codes
    if unbilled:
        parts = autobill_items.resolve(work, drafts)
        gone_items = list(autobill.items)
        for gone in gone_items:
            item_history.note_item(work, autobill, gone, ItemAction.REMOVE)
        autobill.items.clear()
        work.uow.flush()
        for index, part in enumerate(parts):
            added = autobill_items.row(work, autobill, part, index)
            autobill.items.append(added)
            item_history.note_item(work, autobill, added, ItemAction.ADD)
            if part.draft.campaign_code:
                codes.append((added, part.draft.campaign_code))
        discounting.keep(autobill, gone_items, {item.vid for item, _ in codes})
        return codes
    for draft in drafts:
        item = _matched(autobill, draft)
        if item is not None:
            _change_item(work, autobill, item, draft)
        else:
            item = _add_item(work, autobill, draft)
        if draft.campaign_code:
            codes.append((item, draft.campaign_code))
    return codes


def _add_item(work: Work, autobill: AutoBill, draft: AutoBillItemDraft) -> AutoBillItem:
    free = autobill_items.next_index(autobill)
    draft.index = free
    part = autobill_items.resolve(work, [draft])[0]
    item = autobill_items.row(work, autobill, part, free)
    if not item.start_text and autobill.next_cycle is not None:
        at = schedule.cycle(work, autobill, autobill.next_cycle)
        item.start_text = at.service_start.isoformat() if at is not None else None
    autobill.items.append(item)
    item_history.note_item(work, autobill, item, ItemAction.ADD)
    return item


def _matched(autobill: AutoBill, draft: AutoBillItemDraft) -> AutoBillItem | None:
    """By VID, then by id, then by product where only one item has it."""
    if draft.vid is not None:
        found = next((item for item in autobill.items if item.vid == draft.vid), None)
        if found is None:
            raise AutoBillItemNotFound("VID", draft.vid)
        return found
    own_id = draft.merchant_auto_bill_item_id
    if own_id is not None:
        return next((item for item in autobill.items if item.merchant_autobill_item_id == own_id), None)
    product = draft.product
    if product is None:
        raise InvalidRequest("An item names neither an item nor a product.")
    sku = product.merchant_product_id
    same = [
        item
        for item in autobill.items
        if product.vid == item.product.vid
        or (product.vid is None and sku is not None and sku == item.product.merchant_product_id)
    ]
    return same[0] if len(same) == 1 else None


def _change_item(work: Work, autobill: AutoBill, item: AutoBillItem, draft: AutoBillItemDraft) -> None:
    """Quantity and price take effect with the next billing."""
    if autobill_items.edit(work, autobill, item, draft):
        coming = autobill.next_cycle
        at = schedule.cycle(work, autobill, coming) if coming is not None else None
        effective = midnight(at.service_start, work.zone) if at is not None else work.now
        item_history.note_item(work, autobill, item, ItemAction.EDIT, effective)


def _merge(work: Work, autobill: AutoBill, draft: AutoBillDraft, skip: Sequence[str] = ()) -> None:
    for source, target in _TEXTS.items():
        text = getattr(draft, source)
        if text is not None and source not in skip:
            setattr(autobill, target, text or None)
    for source, target in _PLAIN.items():
        value = getattr(draft, source)
        if value is not None and source not in skip:
            setattr(autobill, target, value)
    if draft.name_values:
        autobill.name_values = name_values.merged(work, "AutoBill", autobill.name_values, draft.name_values)
