"""All tables, by aggregate. Import entities from here."""

from __future__ import annotations

from cashbox_service.store.base import Base
from cashbox_service.store.entities.account import Account, Address
from cashbox_service.store.entities.activity import Activity
from cashbox_service.store.entities.autobill import AutoBill, AutoBillCharge, AutoBillEvent, AutoBillItem
from cashbox_service.store.entities.autobill_history import AutoBillItemChange, AutoBillPlanChange
from cashbox_service.store.entities.campaign import Campaign, CampaignName, CampaignRedemption, CouponCode
from cashbox_service.store.entities.cancel_reason import OwnCancelReason
from cashbox_service.store.entities.catalog import BillingPlan, Product, RatePlan, SeasonSet, Token
from cashbox_service.store.entities.chargeback import Chargeback, ChargebackCursor
from cashbox_service.store.entities.credit import CreditEvent, CreditGrant, TokenBalance, TokenBooking
from cashbox_service.store.entities.entitlement import Entitlement
from cashbox_service.store.entities.gift_card import GiftCard, SandboxGiftCard
from cashbox_service.store.entities.invoice import Invoice
from cashbox_service.store.entities.ledger import LedgerEntry, LedgerPosting
from cashbox_service.store.entities.mail import EmailTemplate, Mail
from cashbox_service.store.entities.merchant import Merchant, MerchantKey, MerchantLogin, NumberBlock
from cashbox_service.store.entities.naming import PaymentKey, PublicName
from cashbox_service.store.entities.outbox import NameValueName, OutboxEvent
from cashbox_service.store.entities.payment_method import Card, PaymentMethod, PaymentMethodAlias
from cashbox_service.store.entities.push import PushAttempt, PushCursor, PushMessage, PushSubscription
from cashbox_service.store.entities.refund import Refund
from cashbox_service.store.entities.replay import Replay, ReplayPage
from cashbox_service.store.entities.request_key import UsedRequestKey
from cashbox_service.store.entities.risk import CardIssuer, DisputedCard
from cashbox_service.store.entities.signature import ElectronicSignature
from cashbox_service.store.entities.statement_template import StatementTemplate
from cashbox_service.store.entities.tax import MerchantTaxTable
from cashbox_service.store.entities.transaction import (
    Allocation,
    DeltaCursor,
    DeltaDelivery,
    PaymentAttempt,
    ProcessorRecord,
    ProcessorScript,
    Transaction,
    TransactionStatusEntry,
)
from cashbox_service.store.entities.usage import RatedEvent
from cashbox_service.store.entities.web_session import WebSession

__all__ = [
    "Account",
    "Activity",
    "Address",
    "Allocation",
    "AutoBill",
    "AutoBillCharge",
    "AutoBillEvent",
    "AutoBillItem",
    "AutoBillItemChange",
    "AutoBillPlanChange",
    "Base",
    "BillingPlan",
    "Campaign",
    "CampaignName",
    "CampaignRedemption",
    "Card",
    "CardIssuer",
    "Chargeback",
    "ChargebackCursor",
    "CouponCode",
    "CreditEvent",
    "CreditGrant",
    "DeltaCursor",
    "DeltaDelivery",
    "DisputedCard",
    "ElectronicSignature",
    "EmailTemplate",
    "Entitlement",
    "GiftCard",
    "Invoice",
    "LedgerEntry",
    "LedgerPosting",
    "Mail",
    "Merchant",
    "MerchantKey",
    "MerchantLogin",
    "MerchantTaxTable",
    "NameValueName",
    "NumberBlock",
    "OutboxEvent",
    "OwnCancelReason",
    "PaymentAttempt",
    "PaymentKey",
    "PaymentMethod",
    "PaymentMethodAlias",
    "ProcessorRecord",
    "ProcessorScript",
    "Product",
    "PublicName",
    "PushAttempt",
    "PushCursor",
    "PushMessage",
    "PushSubscription",
    "RatePlan",
    "RatedEvent",
    "Refund",
    "Replay",
    "ReplayPage",
    "SandboxGiftCard",
    "SeasonSet",
    "StatementTemplate",
    "Token",
    "TokenBalance",
    "TokenBooking",
    "Transaction",
    "TransactionStatusEntry",
    "UsedRequestKey",
    "WebSession",
]
