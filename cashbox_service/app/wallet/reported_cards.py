"""Cards that are known without their number: by its ends, or by a hash of it (payment-method §2.1).

Merchants who charge elsewhere tell of a card what they may, so that it can be scored and recognised. Nothing can be
charged on such a card.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from cashbox_service.app.context import Work
from cashbox_service.app.wallet.drafts import CreditCardDraft, PaymentMethodDraft
from cashbox_service.app.wallet.instrument_parts import Instrument, keyed_hash
from cashbox_service.domain import instruments as rules
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.instruments import LONGEST_CARD, SHORTEST_CARD, PaymentMethodType

_HASHES: Final = {"sha1": re.compile("[0-9a-f]{40}"), "md5": re.compile("[0-9a-f]{32}")}
_FIRST, _LAST = re.compile("[0-9]{6}"), re.compile("[0-9]{4}")


def told(work: Work, draft: PaymentMethodDraft) -> Instrument | None:
    """What is told of a card in place of its number; None where the number is there, or nothing of a card.

    Raises InvalidValue for a part that cannot be one of a card.
    """
    card = draft.credit_card
    if draft.type != PaymentMethodType.CREDIT_CARD or card is None:
        return None
    masked = rules.normalise_number(card.account or "")
    if masked and not rules.is_masked(masked):
        return None
    shown = rules.ends_of_mask(masked)
    first = _checked("bin", card.bin, _FIRST) or shown[0]
    last = _checked("lastDigits", card.last_digits, _LAST) or shown[1]
    if not (first or last or card.account_hash):
        return None
    length = _length(card, masked)
    details = {
        "account": rules.mask_of_ends(first, last, length),
        "bin": first,
        "last_digits": last,
        "account_length": length,
    }
    return Instrument({name: value for name, value in details.items() if value}, _fingerprint(work, card))


def without_number(draft: PaymentMethodDraft) -> PaymentMethodDraft:
    """The draft without the mask that it may have in place of a number."""
    card = draft.credit_card
    return draft if card is None else replace(draft, credit_card=replace(card, account=None))


def _fingerprint(work: Work, card: CreditCardDraft) -> str | None:
    """By which a card is recognised when the same hash is told again."""
    if not card.account_hash:
        return None
    kind, text = card.hash_type or "sha1", card.account_hash.strip().lower()
    if not _HASHES[kind].fullmatch(text):
        raise InvalidValue("creditCard.accountHash", "", f"is not a {kind} hash in hexadecimal")
    return keyed_hash(work, f"CreditCard/{kind}", text)


def _length(card: CreditCardDraft, masked: str) -> int | None:
    """How many digits the number has, as told or as shown by the mask."""
    if card.account_length is None:
        return len(masked) if SHORTEST_CARD <= len(masked) <= LONGEST_CARD else None
    if not SHORTEST_CARD <= card.account_length <= LONGEST_CARD:
        raise InvalidValue(
            "creditCard.accountLength",
            card.account_length,
            f"is not between {SHORTEST_CARD} and {LONGEST_CARD}",
        )
    return card.account_length


def _checked(name: str, text: str | None, form: re.Pattern[str]) -> str | None:
    if text and not form.fullmatch(text):
        raise InvalidValue(f"creditCard.{name}", text[:4], "does not have the digits of a card")
    return text or None
