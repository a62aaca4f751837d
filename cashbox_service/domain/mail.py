"""Letters to customers: which text is chosen, in which language, and when sending is tried again.

Source: notifications §2; billing-engine §6, §11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from cashbox_service.domain.language import choices
from cashbox_service.domain.notice import Notice

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})")

BACK_OFF: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60)
)
"""How long the next try of a mail waits after each failed one; after the last it has failed for good."""


class MailState(StrEnum):
    """What has become of a mail.

    ``due``: the notice was given, nothing is written yet. ``queued``: written, to be sent. ``kept``: written, and there
    is no mail server to send it by.
    """

    DUE = "due"
    QUEUED = "queued"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"


class TemplateType(StrEnum):
    """The situations that have templates of the EmailTemplate service, as EmailTemplateType spells them."""

    PRE_BILLING = "PreBilling"
    PRE_BILLING_NO_PAYMENT_METHOD = "PreBillingNoPaymentMethod"
    SUCCESS = "Success"
    FAILURE_SOFT_FAIL = "FailureSoftFail"
    FAILURE_HARD_FAIL = "FailureHardFail"
    FAILURE_NO_PAYMENT_METHOD = "FailureNoPaymentMethod"
    BILLING_DELAY = "BillingDelay"
    BILLING_DELAY_NO_PAYMENT_METHOD = "BillingDelayNoPaymentMethod"
    CANCELLATION = "Cancellation"


def template_type(notice: Notice) -> str:
    """What templates for a notice are called; those of the interface's enumeration among them."""
    return notice.value[0].upper() + notice.value[1:]


@dataclass(frozen=True, slots=True, order=True)
class TemplateVersion:
    """The version of a template, ``major.minor`` (notifications §2.2, field 4)."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str | None) -> TemplateVersion | None:
        """The version that a text names; None for anything else."""
        found = _VERSION.fullmatch((text or "").strip())
        return cls(int(found[1]), int(found[2])) if found is not None else None


def next_version(current: TemplateVersion | None, wished: str | None) -> TemplateVersion:
    """The version of a template that takes the place of ``current``.

    The minor part rises by one; a wish with a higher major part begins a new series, any other wish counts for nothing.
    """
    if current is None:
        return TemplateVersion(1, 0)
    wish = TemplateVersion.parse(wished)
    if wish is not None and wish.major > current.major:
        return TemplateVersion(wish.major, 0)
    return TemplateVersion(current.major, current.minor + 1)


def candidates(product_vids: Sequence[str], language: str | None) -> Iterator[tuple[str | None, str]]:
    """Where to look for a template, best first: (product or None, language).

    The products in order, then the merchant's default, each in the customer's language, then in English
    (notifications §2.1).
    """
    for product_vid in (*product_vids, None):
        for each in choices(language):
            yield product_vid, each


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when there will be no other."""
    return BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
