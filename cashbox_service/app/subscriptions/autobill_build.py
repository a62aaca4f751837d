"""Making the rows of a new AutoBill from what the caller gave (autobill §1, §5.1, §6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_currency, check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts, family_payers
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.engine import invoicing, postponing, schedule
from cashbox_service.app.offers import billing_plans
from cashbox_service.app.offers.drafts import BillingPlanDraft
from cashbox_service.app.promotions import discounting
from cashbox_service.app.subscriptions import activating, autobill_checks, autobill_items, item_history
from cashbox_service.app.subscriptions.drafts import AutoBillDraft
from cashbox_service.app.wallet import payment_methods
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.autobill_state import AutoBillStatus, BillingState
from cashbox_service.domain.calendar import is_imminent
from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField
from cashbox_service.domain.instruments import check_chargeable_alone
from cashbox_service.domain.item_history import ItemAction
from cashbox_service.domain.money import Money
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, AutoBill, BillingPlan, Invoice, PaymentMethod, Product

MAX_AUTOBILL_ID = 256
DELAYED = "DelayFullAuthToInitialBillingDate"
"""The InitialAuthStrategy that bills an imminent start on its day, not in the call (autobill §5.1)."""


@dataclass(frozen=True, slots=True)
class Built:
    """An AutoBill, new or changed, and its Open invoice; ``immediate`` when that is billed in the call."""

    autobill: AutoBill
    invoice: Invoice | None
    immediate: bool
    is_new: bool = True

    @property
    def due(self) -> Invoice:
        """The invoice that is billed in the call."""
        assert self.invoice is not None
        return self.invoice

    @property
    def owed(self) -> Money:
        """What the first invoice asks for before credit."""
        return Money.of(max(self.due.balance, Decimal(0)), self.due.currency)


def build(work: Work, draft: AutoBillDraft, initial_auth: str, campaign_code: str | None = None) -> Built:
    """Resolve or create what the AutoBill refers to, check it, and make its rows; inside a write transaction.

    Order of resolution: account, billing plan, products and rate plans, payment method. ``campaign_code`` is for all
    that has none of its own. Raises NotFound and InvalidRequest with their kinds.
    """
    autobill = rows(work, draft, campaign_code)
    immediate = is_immediate(work, autobill, initial_auth)
    invoice = invoicing.open_invoice(work, autobill, 0)
    if invoice is None and autobill.billing_plan.season_set is None:
        raise InvalidRequest("The billing plan bills nothing.")
    work.uow.flush()
    if immediate and autobill.time_grant is not None:
        immediate = False
        if not activating.needs_customer(
            autobill.payment_method
        ):  # else it begins when the customer has agreed
            postponing.begin_free_time(work, autobill)
    work.uow.events.record_autobill(autobill.vid, "STATUS_CHANGE", work.now)
    work.uow.events.enqueue("autobills", "start", autobill.vid, work.now, **_as_begun(autobill, immediate))
    return Built(autobill, invoice, immediate)


def _as_begun(autobill: AutoBill, immediate: bool) -> dict[str, str]:
    """How a new AutoBill stands before its first billing, which may follow in the same transaction."""
    status = AutoBillStatus.PROCESSING.value if immediate else autobill.status
    return {"status": status, "billingState": BillingState.UNBILLED.value}


def rows(work: Work, draft: AutoBillDraft, campaign_code: str | None = None) -> AutoBill:
    """The rows of a new AutoBill and of what it refers to, checked; nothing is billed, nobody is told."""
    account = _account(work, draft)
    plan = _plan(work, draft)
    parts = autobill_items.resolve(work, draft.items)
    plan = plan or _default_plan(parts[0].product)
    method = _payment_method(work, account, draft.payment_method)
    currency = _currency(work, account, draft)
    autobill = _row(work, draft, account, plan, method, currency)
    work.uow.autobills.add(autobill)
    autobill.items = [autobill_items.row(work, autobill, part, index) for index, part in enumerate(parts)]
    for item in autobill.items:
        item_history.note_item(work, autobill, item, ItemAction.ADD)
    autobill_checks.check(autobill)
    autobill_checks.check_tax_classes(work, autobill)
    work.uow.flush()
    by_item = [
        (item, part.draft.campaign_code)
        for item, part in zip(autobill.items, parts, strict=True)
        if part.draft.campaign_code
    ]
    codes = discounting.Codes(campaign_code, draft.billing_plan_campaign_code, by_item)
    discounting.apply(work, autobill, codes, is_new=True)
    return autobill


def _account(work: Work, draft: AutoBillDraft) -> Account:
    """The account, created when its id is new; one that exists is referred to, not changed (conventions §4.2)."""
    given: AccountDraft | None = draft.account
    if given is None or (given.vid is None and given.merchant_account_id is None):
        raise MissingField("account", "Account not specified.")
    if given.vid is None and given.merchant_account_id is not None:
        known = work.uow.accounts.by_merchant_id(given.merchant_account_id)
        if known is None:
            return accounts.put(work, given).account
        return accounts.lock(work, known.vid)
    account = accounts.lock(work, given.vid or "")
    accounts.check_id(work, account, given.merchant_account_id)
    return account


def _plan(work: Work, draft: AutoBillDraft) -> BillingPlan | None:
    return resolve_plan(work, draft.billing_plan) if draft.billing_plan is not None else None


def resolve_plan(work: Work, draft: BillingPlanDraft) -> BillingPlan:
    """The plan an AutoBill is on, created when new; errors carry the prefix of the plan service (autobill §6.1)."""
    try:
        return billing_plans.resolve(work, draft)
    except InvalidRequest as error:
        raise InvalidRequest(f"Unable to update BillingPlan: {error}") from error


def _default_plan(primary: Product) -> BillingPlan:
    if primary.default_billing_plan is None:
        raise MissingField(
            "billingPlan", "AutoBill has no billing plan, and its primary product has no default."
        )
    return primary.default_billing_plan


def _payment_method(work: Work, account: Account, draft: PaymentMethodDraft | None) -> PaymentMethod | None:
    """What is charged: the one given, stored on the account when new, else the primary one of whoever pays for it."""
    if draft is None:
        return family_payers.default_for(work, account)
    return method_for(work, account, draft, may_visit=True)


def method_for(
    work: Work, account: Account, draft: PaymentMethodDraft, *, may_visit: bool = False
) -> PaymentMethod:
    """A payment method for an AutoBill of the account; before its first bill the customer may be sent to a page.

    Raises InvalidRequest when it cannot be one.
    """
    known = payment_methods.find(work, draft)
    if known is not None and known.account_vid not in (None, account.vid):
        method = known
    else:
        method = payment_methods.attach(work, account, draft, append=True).payment_method
    if not payment_methods.usable_by(work, account, method):
        raise InvalidRequest("The payment method belongs to another account.")
    if method.type == "MerchantAcceptedPayment":
        if Decimal(method.details.get("amount") or 0) != 0:
            raise InvalidValue(
                "merchantAcceptedPayment.amount",
                method.details["amount"],
                "must be 0 or absent on an AutoBill",
            )
    elif not method.active:
        raise InvalidRequest("The payment method is inactive.")
    if not (may_visit and activating.needs_customer(method)):
        check_chargeable_alone(method.type, method.details)
    return method


def _currency(work: Work, account: Account, draft: AutoBillDraft) -> str:
    """Most specific first: AutoBill, account, merchant (conventions §6.2)."""
    if draft.currency:
        return check_currency("currency", draft.currency)
    return account.default_currency or work.settings.default_currency


def _row(
    work: Work,
    draft: AutoBillDraft,
    account: Account,
    plan: BillingPlan,
    method: PaymentMethod | None,
    currency: str,
) -> AutoBill:
    vid = new_vid()
    start = draft.start_timestamp or work.now
    start_day = start.astimezone(work.zone).date().day
    own_id = check_merchant_id("merchantAutoBillId", draft.merchant_auto_bill_id or vid, MAX_AUTOBILL_ID)
    return AutoBill(
        vid=vid,
        merchant_autobill_id=own_id,
        account_vid=account.vid,
        billing_plan_vid=plan.vid,
        payment_method_vid=method.vid if method is not None else None,
        currency=currency,
        customer_autobill_name=draft.customer_auto_bill_name or None,
        status=AutoBillStatus.PENDING_ACTIVATION.value,
        billing_state=BillingState.UNBILLED.value,
        start_at=start.replace(microsecond=0),
        source_ip=draft.source_ip or None,
        billing_statement_identifier=draft.billing_statement_identifier or None,
        billing_day=start_day if draft.billing_day is None else draft.billing_day,
        billing_day_given=draft.billing_day is not None and draft.billing_day != start_day,
        minimum_commitment=draft.minimum_commitment or 0,
        merchant_affiliate_id=draft.merchant_affiliate_id or None,
        merchant_affiliate_sub_id=draft.merchant_affiliate_sub_id or None,
        warn_on_expiration=bool(draft.warn_on_expiration),
        name_values=name_values.merged(work, "AutoBill", (), draft.name_values),
        subscription_balance=Decimal(0),
        statement_format=draft.statement_format or "DoNotSend",
        invoice_terms=draft.invoice_terms,
        statement_offset=draft.statement_offset,
        statement_template_id=draft.statement_template_id or None,
        specified_billing_day=draft.specified_billing_day,
        billing_rule=draft.billing_rule or ("Advance" if draft.specified_billing_day else None),
        plan_cycle_offset=0,
        moves=(),
        next_invoice_number=0,
        discounts=(),
        created_at=work.now,
        modified_at=work.now,
        account=account,
        billing_plan=plan,
        payment_method=method,
        items=[],
    )


def is_immediate(work: Work, autobill: AutoBill, initial_auth: str) -> bool:
    """Whether the first billing is done inside the call (autobill §5.1)."""
    if autobill.billing_plan.season_set is not None and not _opens_now(work, autobill):
        return False
    if autobill.start_at <= work.now:
        return True
    if initial_auth == DELAYED:
        return False
    return is_imminent(autobill.start_at, work.now, work.settings.imminent_billing_hours)


def _opens_now(work: Work, autobill: AutoBill) -> bool:
    """Whether a season is open for billing; else the first billing waits for the next one (billing-engine §5)."""
    first = schedule.cycle(work, autobill, autobill.plan_cycle_offset)
    return first is not None and first.billing_date <= max(
        work.today, autobill.start_at.astimezone(work.zone).date()
    )
