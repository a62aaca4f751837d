"""Why an AutoBill was cancelled: the codes that come with the service, and their texts.

0 to 99 are the service's own, 100 to 999 are ready-made reasons of merchants. Source: autobill §4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cashbox_service.domain.errors import InvalidValue, MissingField

UNSPECIFIED: Final = "1"
ENDED: Final = "2"
CHARGED_BACK: Final = "4"
NOT_COLLECTED: Final = "5"

DESCRIPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "0": "Vindicia: Administrative Action",
        UNSPECIFIED: "CashBox: Unspecified",
        ENDED: "CashBox: AutoBill Ended",
        "3": "CashBox: Account Updater reports card closed",
        CHARGED_BACK: "CashBox: Chargeback received. Policy specifies AutoBill be canceled.",
        NOT_COLLECTED: "CashBox: Permanently Suspended for Non-Payment. Unable to Collect Payment",
        "100": "Merchant: Cost",
        "101": "Merchant: No Longer Needed",
        "102": "Merchant: Switched Provider",
        "103": "Merchant: Customer Dissatisfied",
        "104": "Merchant: Technical Problem",
        "105": "Merchant: Duplicate Subscription",
        "106": "Merchant: Fraud",
        "107": "Merchant:  Generic Cancel (Other)",
    }
)
"""What answers say of each code, unless the merchant says otherwise."""

MAX_CODE: Final = 15
MAX_DESCRIPTION: Final = 255
LAST_SYSTEM_CODE: Final = 99
FIRST_OWN_CODE: Final = 1000

_CODE: Final = re.compile(r"[0-9A-Za-z]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class CancelReason:
    """A code and its text."""

    code: str
    description: str


def known(own: Mapping[str, str]) -> list[CancelReason]:
    """All reasons with the merchant's ``own`` texts put over those that come along: numbers first, in order."""
    texts = {**DESCRIPTIONS, **own}
    return [CancelReason(code, texts[code]) for code in sorted(texts, key=_place)]


def checked(code: str | None, description: str | None, own: Mapping[str, str]) -> CancelReason:
    """A reason that the merchant may have; without a code it gets the next free number from 1000 on.

    Raises MissingField and InvalidValue.
    """
    if not description:
        raise MissingField("description", "CancelReason has no description.")
    if len(description) > MAX_DESCRIPTION:
        raise InvalidValue(
            "description", description[:40] + "…", f"is longer than {MAX_DESCRIPTION} characters"
        )
    code = code or _next_code(own)
    if len(code) > MAX_CODE:
        raise InvalidValue("reason_code", code[:40], f"is longer than {MAX_CODE} characters")
    if not _CODE.fullmatch(code):
        raise InvalidValue("reason_code", code, "is not made of letters and digits")
    if code.isdigit() and int(code) <= LAST_SYSTEM_CODE:
        raise InvalidValue("reason_code", code, f"is one of the service's own, 0 to {LAST_SYSTEM_CODE}")
    if any(one.description == description and one.code != code for one in known(own)):
        raise InvalidValue("description", description[:40], "belongs to another cancel reason")
    return CancelReason(code, description)


def _next_code(own: Mapping[str, str]) -> str:
    taken = {int(code) for code in own if code.isdigit()}
    code = FIRST_OWN_CODE
    while code in taken:
        code += 1
    return str(code)


def _place(code: str) -> tuple[bool, int, str]:
    return (not code.isdigit(), int(code) if code.isdigit() else 0, code)
