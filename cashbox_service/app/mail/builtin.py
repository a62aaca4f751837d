"""The service's own texts for mails that the EmailTemplate service has no type for, in English.

A merchant's own template takes the place of one, in any language: `cashbox-service mail template`. Which of them are
sent at all is the merchant's setting ``builtInMails``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cashbox_service.domain.notice import Notice


@dataclass(frozen=True, slots=True)
class BuiltInText:
    """The subject and the body of a mail, with placeholders."""

    subject: str
    text: str


_GREETING = "Dear {{ account.name | default('customer', true) }},\n\n"
_CLOSE = "\n\n{{ merchant.name }}\n"


def _text(subject: str, body: str) -> BuiltInText:
    return BuiltInText(subject, f"{_GREETING}{body}{_CLOSE}")


_INVOICE = (
    "{% if statement %}{{ statement }}{% else %}your invoice {{ invoice.invoiceId }} of {{ invoice.date }} is attached."
    "{% endif %}"
)

TEXTS: Final[Mapping[Notice, BuiltInText]] = {
    Notice.INVOICE: _text("Invoice {{ invoice.invoiceId }} from {{ merchant.name }}", _INVOICE),
    Notice.STATEMENT: _text(
        "Your statement from {{ merchant.name }}",
        "on {{ transaction.timestamp }} we will charge {{ transaction.amount }} {{ transaction.currency }}.\n\n"
        + _INVOICE,
    ),
    Notice.DUNNING: _text(
        "Reminder {{ reminder }}: invoice {{ invoice.invoiceId }} from {{ merchant.name }}",
        "invoice {{ invoice.invoiceId }} was due on {{ invoice.dueDate }}, and {{ invoice.balance }} "
        "{{ invoice.currency }} of it is still open. If you have paid it meanwhile, please ignore this letter."
        "{% if statement %}\n\n{{ statement }}{% endif %}",
    ),
    Notice.EXPIRATION_WARNING: _text(
        "Your subscription to {{ product.description | default(billingPlan.description, true) }}",
        "your present term of {{ product.description | default(billingPlan.description, true) }} ends soon"
        "{% if autobill.nextBillingDate %}; it continues with a bill on {{ autobill.nextBillingDate }}{% endif %}.",
    ),
    Notice.CARD_EXPIRATION: _text(
        "Your card expires soon",
        "the card ending in {{ paymentMethod.lastDigits }} that you pay {{ merchant.name }} with expires at the end of "
        "{{ month }}. Please give us a new one before that.",
    ),
    Notice.FAMILY_LINKED: _text(
        "Your account is linked to another",
        "your account {{ account.merchantAccountId }} is now linked to the account {{ other }}.",
    ),
    Notice.FAMILY_UNLINKED: _text(
        "Your account is no longer linked to another",
        "your account {{ account.merchantAccountId }} is no longer linked to the account {{ other }}.",
    ),
}

SUBJECTS: Final[Mapping[Notice, str]] = {
    Notice.PRE_BILLING: "Your next payment to {{ merchant.name }}",
    Notice.PRE_BILLING_NO_PAYMENT_METHOD: "Your next payment to {{ merchant.name }}: payment method needed",
    Notice.SUCCESS: "Your payment to {{ merchant.name }}",
    Notice.FAILURE_SOFT: "Your payment to {{ merchant.name }} failed",
    Notice.FAILURE_HARD: "Your payment to {{ merchant.name }} failed",
    Notice.FAILURE_NO_PAYMENT_METHOD: "Your payment to {{ merchant.name }}: payment method needed",
    Notice.BILLING_DELAY: "Your next payment to {{ merchant.name }} was moved",
    Notice.BILLING_DELAY_NO_PAYMENT_METHOD: "Your next payment to {{ merchant.name }} was moved",
    Notice.CANCELLATION: "Your subscription from {{ merchant.name }} is cancelled",
} | {notice: text.subject for notice, text in TEXTS.items()}
"""Subjects of mails whose template has none: the interface has no field for it."""

SWITCHES: Final[Mapping[Notice, str]] = {
    Notice.INVOICE: "invoice",
    Notice.STATEMENT: "statement",
    Notice.DUNNING: "dunning",
    Notice.EXPIRATION_WARNING: "expirationWarning",
    Notice.CARD_EXPIRATION: "cardExpiration",
    Notice.FAMILY_LINKED: "family",
    Notice.FAMILY_UNLINKED: "family",
}
"""The names in ``builtInMails``."""
