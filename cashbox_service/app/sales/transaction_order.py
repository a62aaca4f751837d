"""A one-time sale as it is about to be made: who, what, how much of it by credit, and how it is recorded.

Runs inside the caller's write transaction. Source: transaction §2, §5.1 (steps 2, 3 and 5), §6.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.collection.instructing import Visit
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine.collecting import INTERNAL
from cashbox_service.app.offers.catalog import check_length, has_content
from cashbox_service.app.promotions.campaign_codes import Code
from cashbox_service.app.sales import scoring, transaction_lines, transaction_parties, transactions
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.sales.transaction_outcome import KIND
from cashbox_service.app.sales.transaction_parties import Parties
from cashbox_service.app.sales.transaction_pricing import exemptions_of, price
from cashbox_service.app.taxes import taxing
from cashbox_service.app.wallet import payers
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import (
    Duplicate,
    InvalidRequest,
    NoPaymentMethod,
    TransactionNotFound,
)
from cashbox_service.domain.instruments import PaymentMethodType, agreement_of
from cashbox_service.domain.lines import Line, with_settlements
from cashbox_service.domain.mandate import Mandate
from cashbox_service.domain.money import Money
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.reserved_names import (
    BILL_PAYPAL_IMMEDIATELY,
    DIVISION,
    MANDATE_ID,
    PAYMENT_PROCESSOR,
    is_for_the_service_to_set,
)
from cashbox_service.domain.return_address import checked, with_query
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.protocol import CustomerBrowser
from cashbox_service.store.entities import PaymentMethod, Transaction

MAX_ID = 128
NOT_STARTED = "Authorization failed."


@dataclass(slots=True)
class Order:
    """A sale that can be made. ``amount`` is what is left after the ``uses`` of the account's credit.

    ``existing`` is a record of the same id that was only scored or named before. ``tax_was_assumed``: the tax engine
    did not answer, and the sale goes on without it. A sale that is not ``processed`` is only put on record: whoever was
    asked for its money, if anybody, is who the draft names. ``codes`` of campaigns are redeemed when it is made.
    """

    draft: TransactionDraft
    parties: Parties
    amount: Money
    lines: tuple[Line, ...]
    uses: Sequence[crediting.Use]
    assessment: taxing.Assessment
    shipping_address: PostalAddress | None
    existing: Transaction | None
    email_when_captured: bool = False
    kind: str = KIND
    processed: bool = True
    codes: Sequence[Code] = ()

    @property
    def by_hand(self) -> bool:
        """Whether the money was taken outside."""
        return self.parties.by_hand is not None

    @property
    def needs_processor(self) -> bool:
        """Whether money has to be asked for."""
        return self.amount.is_positive and not self.by_hand

    @property
    def tax_was_assumed(self) -> bool:
        return self.assessment.assumed


def prepare(
    work: Work,
    draft: TransactionDraft,
    *,
    email_when_captured: bool,
    campaign_code: str | None = None,
    priced_only: bool = False,
) -> Order:
    """Everything about a sale but its record; ``priced_only`` needs nobody who pays, as for a dry run.

    Raises InvalidRequest and its kinds, AccountNotFound, PaymentMethodNotFound, NoPaymentMethod, TaxUnavailable.
    """
    check_texts(draft)
    existing = unprocessed(work, draft)
    parties = transaction_parties.find_or_create(work, draft)
    account = parties.account
    priced = price(work, draft, account, taxing.billing_address(parties.method), campaign_code=campaign_code)
    if (
        priced.assessment.enabled
        and parties.pays_with(PaymentMethodType.PAYPAL)
        and not draft.transaction_items
    ):
        raise InvalidRequest(transaction_lines.NO_ITEMS)
    currency, lines = priced.currency, priced.lines
    uses = crediting.planned_of_account(work, account, priced.total) if account is not None else []
    amount = priced.total - crediting.total(uses, currency)
    if uses:
        lines = with_settlements(lines, currency, (), [crediting.used_credit(use) for use in uses])
    if parties.by_hand is not None:
        assert account is not None
        parties.method = payers.by_hand(work, account, parties.by_hand, amount)
    elif parties.method is None and amount.is_positive and not priced_only:
        raise NoPaymentMethod
    if existing is not None:
        claim(work, existing)
    return Order(
        draft,
        parties,
        amount,
        lines,
        uses,
        priced.assessment,
        priced.shipping_address,
        existing,
        email_when_captured,
        codes=priced.codes,
    )


def record(work: Work, order: Order) -> Transaction:
    """The sale as a transaction with status New."""
    outline = outline_of(work, order)
    if order.existing is not None:
        transaction = transactions.take_over(work, order.existing, outline)
    else:
        transaction = transactions.create(work, outline)
    if not order.processed:
        transaction.processor_transaction_id = order.draft.payment_processor_transaction_id or None
    return transaction


def risk_facts(order: Order) -> scoring.ScoringFacts:
    """What decides about the risk of the sale."""
    return scoring.ScoringFacts(
        account=order.parties.account,
        payment_method=order.parties.method,
        source_ip=order.draft.source_ip,
        name_values=order.draft.name_values,
    )


def visit(order: Order, transaction: Transaction) -> Visit | None:
    """The page that the customer is sent to; None where the payment method is charged without him.

    Raises InvalidRequest for a PayPal payment that has nowhere to come back to.
    """
    method = order.parties.method
    assert method is not None
    details = method.details
    if method.type == PaymentMethodType.PAYPAL:
        at_once = name_values.value_of(transaction.name_values, BILL_PAYPAL_IMMEDIATELY)
        if agreement_of(details) and (at_once or "").lower() in ("true", "1"):
            return None
    elif agreement_of(details):
        return None
    return page_of(method, transaction.vid)


def page_of(method: PaymentMethod, transaction_vid: str) -> Visit | None:
    """The page for a payment by this method; None for a type that has none.

    Raises InvalidRequest for a PayPal payment that has nowhere to come back to.
    """
    details = method.details
    if method.type == PaymentMethodType.PAYPAL:
        if not details.get("return_url"):
            raise InvalidRequest(NOT_STARTED)
        names = {"vindicia_vid": transaction_vid}
        return Visit(_with(details["return_url"], names), _with(details.get("cancel_url"), names))
    if method.type in (PaymentMethodType.HOSTED_PAGE, PaymentMethodType.SKRILL):
        names = {"vid": transaction_vid}
        return Visit(_with(details.get("return_url"), names), _with(details.get("cancel_url"), names))
    return Visit() if method.type == PaymentMethodType.CARRIER_BILLING else None


def browser(order: Order, transaction: Transaction) -> CustomerBrowser | None:
    """Where the buyer's browser comes back to from the bank of his card, which may want to see him."""
    told = order.parties.browser
    if told is None:
        return None
    return replace(told, return_url=with_query(told.return_url, {"vid": transaction.vid}))


def _with(url: str | None, names: dict[str, str]) -> str | None:
    """A page of the merchant, told which transaction its customer comes back from."""
    return with_query(checked("returnUrl", url), names) if url else None


def check_texts(draft: TransactionDraft) -> None:
    if draft.merchant_transaction_id is not None:
        check_merchant_id("merchantTransactionId", draft.merchant_transaction_id, MAX_ID)
    check_length("merchantAffiliateId", draft.merchant_affiliate_id, MAX_ID)
    check_length("merchantAffiliateSubId", draft.merchant_affiliate_sub_id, MAX_ID)


def existing_of(work: Work, draft: TransactionDraft) -> Transaction | None:
    """The record that the draft's ids name. Raises TransactionNotFound for an unknown VID, InvalidRequest for two."""
    by_id = None
    if draft.merchant_transaction_id is not None:
        by_id = work.uow.transactions.by_merchant_id(draft.merchant_transaction_id)
    if draft.vid is None:
        found = by_id
    else:
        found = work.uow.transactions.by_vid(draft.vid)
        if found is None:
            raise TransactionNotFound("VID", draft.vid)
        if by_id is not None and by_id.vid != found.vid:
            raise InvalidRequest("VID and merchantTransactionId belong to different objects.")
    return found


def unprocessed(work: Work, draft: TransactionDraft) -> Transaction | None:
    """The record that the draft names, if nothing was done with it. Raises Duplicate for one that was processed."""
    found = existing_of(work, draft)
    if found is not None:
        check_unprocessed(work, found)
    return found


def check_unprocessed(work: Work, found: Transaction) -> None:
    """Only what was scored or named before may be processed under its id (transaction §6.2)."""
    is_new = found.status == TransactionStatusType.NEW.value
    if not is_new or work.uow.transactions.attempt_of(found.vid) is not None:
        own_id = found.merchant_transaction_id
        raise Duplicate(
            "merchantTransactionId",
            own_id,
            f'Transaction with merchantTransactionId "{own_id}" has already been processed',
        )


def claim(work: Work, existing: Transaction) -> None:
    """Of two calls that process the same record, the second sees what the first one did."""
    lock(work, existing)
    check_unprocessed(work, existing)


def lock(work: Work, existing: Transaction) -> None:
    """Lock a record that is about to be written anew, and read it anew; its account is locked already."""
    work.uow.flush()
    locked = work.uow.transactions.lock(existing.vid)
    assert locked is existing


def outline_of(work: Work, order: Order) -> transactions.Outline:
    """What becomes the row of the sale."""
    draft, parties = order.draft, order.parties
    method, by_hand = parties.method, parties.by_hand
    return transactions.Outline(
        kind=order.kind,
        account=parties.account,
        payment_method=method,
        payment_method_type=parties.method_type,
        currency=order.amount.currency,
        amount=order.amount.amount,
        lines=order.lines,
        processor=_processor(work, order),
        merchant_transaction_id=draft.merchant_transaction_id,
        payment_id=payers.payment_id_of(by_hand) if by_hand is not None and order.processed else None,
        note=draft.note,
        name_values=_name_values(work, order),
        statement_identifier=draft.billing_statement_identifier or None,
        happened_at=draft.timestamp,
        details=_details(order),
    )


def _processor(work: Work, order: Order) -> str | None:
    if not order.processed:
        return order.draft.payment_processor or None
    method = order.parties.method
    if order.needs_processor and method is not None:
        return work.env.processors.for_type(method.type).wire_name
    return INTERNAL


def _details(order: Order) -> transactions.OrderDetails:
    draft, method = order.draft, order.parties.method
    is_ecp = method is not None and method.type == PaymentMethodType.ECP
    return transactions.OrderDetails(
        division_number=draft.division_number or name_values.value_of(draft.name_values, DIVISION) or None,
        ecp_transaction_type=draft.ecp_transaction_type or ("Inbound" if is_ecp else None),
        email_when_captured=order.email_when_captured,
        shipping_address=order.shipping_address,
        merchant_affiliate_id=draft.merchant_affiliate_id or None,
        merchant_affiliate_sub_id=draft.merchant_affiliate_sub_id or None,
        user_agent=draft.user_agent or None,
        preferred_notification_language=draft.preferred_notification_language or None,
        source_phone_number=draft.source_phone_number or None,
        source_mac_address=draft.source_mac_address or None,
        source_ip=draft.source_ip or None,
        tax_exemptions=exemptions_of(draft),
        sales_tax_address=order.assessment.sales_tax_address,
        verification_code=draft.verification_code or None,
        mandate=_mandate(draft),
    )


def _mandate(draft: TransactionDraft) -> Mandate | None:
    identifier = name_values.value_of(draft.name_values, MANDATE_ID) or None
    given = draft.mandate
    if given is None or not has_content(given):
        return Mandate(identifier=identifier) if identifier is not None else None
    return Mandate(given.created, given.identifier or identifier, given.status)


def _name_values(work: Work, order: Order) -> tuple[NameValue, ...]:
    """The merchant's pairs but those that are the service's to set, and what the service has to say."""
    given = [pair for pair in order.draft.name_values if not is_for_the_service_to_set(pair.name or "")]
    pairs = name_values.merged(work, "Transaction", (), given)
    internal = order.processed and not order.needs_processor and not order.by_hand
    own = (NameValue(PAYMENT_PROCESSOR, INTERNAL),) if internal else ()
    return (*pairs, *order.assessment.name_values, *own)
