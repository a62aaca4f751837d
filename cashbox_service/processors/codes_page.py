"""Writes ``docs/codes.md``: codes of processors, cards of the sandbox, and what becomes of Stripe's reasons.

Run: ``python -m cashbox_service.processors.codes_page`` writes the page, ``--check`` tells whether it is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Final

from cashbox_service.domain import auth_codes
from cashbox_service.domain.auth_codes import CodeClass
from cashbox_service.pages import code, run, table
from cashbox_service.processors.protocol import PaymentResult
from cashbox_service.processors.stripe import codes as stripe_codes
from cashbox_service.processors.triggers import CARDS

PAGE: Final = "codes.md"

_INTRODUCTION: Final = """\
# Codes of payment processors

Written from the tables of the program by `make docs`. Merchants read these codes as `authCode` in the status log of a
transaction. A soft decline is tried again; a hard one ends the retries of an AutoBill until it has another payment
method. How the processors are set up is told in [processors](processors.md)."""

_CARDS: Final = """
## Cards of the sandbox

Every other number with a right check digit is approved."""

_CODES: Final = """
## Codes

A code that is not listed is a soft decline."""

_STRIPE: Final = """
## Reasons of Stripe

By `decline_code`, else by `code`. A reason that is not listed is a soft decline: 303 when a bank gave it, 594 when
Stripe did not take the request."""

_REFUNDS: Final = """
Refunds that fail, by `failure_reason`; any other is 594:
"""


def page() -> str:
    """The whole page."""
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield _CARDS
    yield ""
    yield from table(("Number", "authCode", "Class", "avsCode", "cvnCode"), _cards())
    yield _CODES
    yield ""
    rows = [(code(one.code), one.meaning, _CLASSES[one.code_class]) for one in auth_codes.CATALOGUE.values()]
    yield from table(("authCode", "Meaning", "Class"), rows)
    yield _STRIPE
    yield ""
    yield from _reasons({**stripe_codes.DECLINES, **stripe_codes.REFUSALS})
    yield _REFUNDS
    yield from _reasons(stripe_codes.FAILED_REFUNDS)


def _cards() -> Iterator[tuple[str, ...]]:
    for number, trigger in CARDS.items():
        answer = trigger.code
        shown = (
            _CLASSES[CodeClass.OK]
            if auth_codes.is_approval(answer)
            else _class_of(PaymentResult.declined(answer, trigger.is_hard))
        )
        yield number, code(answer), shown, code(trigger.avs_code or ""), code(trigger.cvn_code or "")


def _reasons(words: Mapping[str, str]) -> list[str]:
    rows = []
    for word in sorted(words):
        is_hard = True if word in stripe_codes.ALWAYS_HARD else None
        rows.append((code(word), code(words[word]), _class_of(PaymentResult.declined(words[word], is_hard))))
    return table(("Reason", "authCode", "Class"), rows)


def _class_of(result: PaymentResult) -> str:
    return _CLASSES[CodeClass.HARD if result.is_hard else CodeClass.SOFT]


_CLASSES: Final = {
    CodeClass.OK: "approved",
    CodeClass.SOFT: "soft decline",
    CodeClass.HARD: "hard decline",
}


def main(arguments: list[str] | None = None) -> int:
    return run(PAGE, page(), "Write docs/codes.md.", arguments)


if __name__ == "__main__":
    sys.exit(main())
