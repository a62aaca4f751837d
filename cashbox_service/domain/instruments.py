"""Payment instruments: which types there are, and what may be known and shown of their numbers.

Numbers of cards and bank accounts come in here as text and leave as masks, hashes, or a `Secret`. No error, no
repr and no log line made here contains one. Checks that need tables of banks (IBAN, routing numbers) are not here.
Source: payment-method §2.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, NoReturn, Self

from cashbox_service.domain.errors import DataValidation, InvalidRequest, InvalidValue, UnsupportedType

CARD_FAILURE: Final = "Failed to create Payment-Type-Specific Payment Record: Credit Card conversion failed: "
LUHN_FAILURE: Final = CARD_FAILURE + "Credit Card failed Luhn check. "
EXPIRATION_FAILURE: Final = CARD_FAILURE + "expirationDate must have the form YYYYMM. "

SHORTEST_CARD, LONGEST_CARD = 12, 19
"""Digits of a card number (ISO/IEC 7812)."""

_BIN, _LAST = 6, 4
_USUAL_CARD: Final = 16
_EMPTY_ACCOUNT: Final = "XXX"


class PaymentMethodType(StrEnum):
    """How a customer pays; the values are the wire spellings. Source: payment-method §2.4."""

    CREDIT_CARD = "CreditCard"
    PAYPAL = "PayPal"
    ECP = "ECP"
    DIRECT_DEBIT = "DirectDebit"
    TOKEN = "Token"
    HOSTED_PAGE = "HostedPage"
    BOLETO = "Boleto"
    MERCHANT_ACCEPTED_PAYMENT = "MerchantAcceptedPayment"
    CARRIER_BILLING = "CarrierBilling"
    AMAZON = "Amazon"
    SKRILL = "Skrill"
    APPLE_PAY = "ApplePay"
    MILITARY_STAR = "MilitaryStar"
    EXTERNAL_BILLING = "ExternalBilling"


class CardBrand(StrEnum):
    """Brands that can be told from the number; the spelling is that of customerSpecifiedType (payment-method §1)."""

    VISA = "Visa"
    MASTERCARD = "Mastercard"
    AMEX = "AmEx"
    DISCOVER = "Discover"
    JCB = "JCB"
    DINERS = "Diners"


class Secret:
    """A text that is passed on but never shown: a card number, an account number, a verification number.

    Printing, formatting and logging give a placeholder; pickling is refused; `reveal` is the only way in, so that
    every place where a secret is read can be found by searching for it. Comparison takes constant time.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")


# --- numbers ---------------------------------------------------------------------------------------------------

_SEPARATORS = re.compile(r"[\s\u00ad\u2010-\u2015\u2212-]+")


def normalise_number(text: str) -> str:
    """The number without blanks and dashes, letters in capitals. Source: payment-method §2.1."""
    return _SEPARATORS.sub("", text).upper()


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the right check digit (ISO/IEC 7812-1). False for anything but ASCII digits."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + position % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def check_card_number(number: str) -> Secret:
    """The number, normalised before, as a secret. `DataValidation` when it cannot be a card number."""
    if not (SHORTEST_CARD <= len(number) <= LONGEST_CARD and luhn_valid(number)):
        raise DataValidation(LUHN_FAILURE)
    return Secret(number)


def bin_of(number: str) -> str:
    """The first six digits, which name the issuer."""
    return number[:_BIN]


def last_digits(number: str) -> str:
    """The last four characters."""
    return number[-_LAST:]


def account_length(number: str) -> int:
    """How many characters the number has."""
    return len(number)


_BRANDS: Final[tuple[tuple[int, int, CardBrand], ...]] = (
    (222100, 272099, CardBrand.MASTERCARD),
    (300000, 305999, CardBrand.DINERS),
    (309500, 309599, CardBrand.DINERS),
    (340000, 349999, CardBrand.AMEX),
    (352800, 358999, CardBrand.JCB),
    (360000, 369999, CardBrand.DINERS),
    (370000, 379999, CardBrand.AMEX),
    (380000, 399999, CardBrand.DINERS),
    (400000, 499999, CardBrand.VISA),
    (510000, 559999, CardBrand.MASTERCARD),
    (601100, 601199, CardBrand.DISCOVER),
    (622126, 622925, CardBrand.DISCOVER),
    (644000, 659999, CardBrand.DISCOVER),
)
"""First and last six-digit issuer number of each range, ascending."""


def brand(number: str) -> CardBrand | None:
    """The brand by issuer number; None for brands that share ranges with others. Works on masked numbers too."""
    issuer = bin_of(number)
    if len(issuer) < _BIN or not (issuer.isascii() and issuer.isdigit()):
        return None
    value = int(issuer)
    return next((name for first, last, name in _BRANDS if first <= value <= last), None)


class HashType(StrEnum):
    """How an accountHash was made; the values are the wire spellings."""

    SHA1 = "sha1"
    MD5 = "md5"


def account_hash(number: str, hash_type: str = HashType.SHA1) -> str:
    """The hash of the bare number, by which callers name a number they do not send: lowercase hexadecimal.

    The algorithms are fixed by the wire format and protect nothing; what is stored is a keyed fingerprint.
    `InvalidValue` for another hash type. Source: payment-method §2.1.
    """
    bare = normalise_number(number).encode()
    if hash_type == HashType.SHA1:
        return hashlib.sha1(bare, usedforsecurity=False).hexdigest()
    if hash_type == HashType.MD5:
        return hashlib.md5(bare, usedforsecurity=False).hexdigest()
    raise InvalidValue("hashType", hash_type[:10], "is not sha1 or md5")


# --- masks -----------------------------------------------------------------------------------------------------

_MASK_OF_NUMBER = re.compile(r"[0-9X*]*[X*][0-9X*]*", re.IGNORECASE)
_MASK_IN_TEXT = re.compile(r"\*|XXX", re.IGNORECASE)


def mask_card(number: str) -> str:
    """First six and last four shown, as long as the number; a number too short for that shows its last four only.

    Source: payment-method §2.1, §2.3 (direct debit).
    """
    if len(number) <= _BIN + _LAST:
        return mask_tail(number)
    return number[:_BIN] + "X" * (len(number) - _BIN - _LAST) + number[-_LAST:]


def mask_of_ends(first: str | None, last: str | None, length: int | None) -> str:
    """What may be shown of a card of which only the ends are known; it has 16 digits unless told otherwise."""
    first, last = first or "", last or ""
    return first + "X" * ((length or _USUAL_CARD) - len(first) - len(last)) + last


def ends_of_mask(masked: str) -> tuple[str | None, str | None]:
    """The first six and the last four digits of a mask, as far as they are shown."""
    first, last = masked[:_BIN], masked[-_LAST:]
    return (
        first if len(first) == _BIN and first.isdecimal() else None,
        last if len(last) == _LAST and last.isdecimal() else None,
    )


def mask_tail(number: str) -> str:
    """All but the last four hidden, as long as the number. Source: payment-method §2.3 (ECP)."""
    return "X" * max(0, len(number) - _LAST) + number[-_LAST:]


def mask_merchant_accepted(account: str) -> str:
    """Like `mask_tail`; an empty account shows ``XXX``. Source: payment-method §2.3 (observed)."""
    return mask_tail(account) if account else _EMPTY_ACCOUNT


_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    PaymentMethodType.CREDIT_CARD: mask_card,
    PaymentMethodType.MILITARY_STAR: mask_card,
    PaymentMethodType.DIRECT_DEBIT: mask_card,
    PaymentMethodType.ECP: mask_tail,
    PaymentMethodType.MERCHANT_ACCEPTED_PAYMENT: mask_merchant_accepted,
}


def mask_account(type_: str, number: str) -> str:
    """The number as it may be shown; only its last four for types without a rule of their own."""
    return _MASKS.get(type_, mask_tail)(number)


def is_masked(number: str) -> bool:
    """Whether this is a mask that was shown before, rather than a number: X or * in place of digits.

    A single X counts only among digits, so that the letters of an IBAN are not taken for a mask.
    """
    return _MASK_OF_NUMBER.fullmatch(number) is not None or _MASK_IN_TEXT.search(number) is not None


def matches_mask(masked: str, shown: str) -> bool:
    """Whether ``masked``, as sent back by a client, is the stored mask ``shown``; x and * count as X."""
    return masked.replace("*", "X").upper() == shown.upper()


# --- agreements ------------------------------------------------------------------------------------------------

_AGREED: Final = frozenset(
    {
        PaymentMethodType.PAYPAL,
        PaymentMethodType.SKRILL,
        PaymentMethodType.AMAZON,
        PaymentMethodType.HOSTED_PAGE,
        PaymentMethodType.CARRIER_BILLING,
    }
)
"""Types of which the customer has to approve every payment, unless there is an agreement."""


def agreement_of(details: Mapping[str, Any]) -> str | None:
    """The provider's id of a standing permission to charge."""
    agreement: str | None = details.get("reference_id") or details.get("billing_agreement_id")
    return agreement


def check_chargeable_alone(type_: str, details: Mapping[str, Any]) -> None:
    """InvalidRequest for an instrument that money cannot be charged to without the customer being there."""
    if type_ in _AGREED and not agreement_of(details):
        raise InvalidRequest(f"{type_} payment method has no billing agreement.")
    if type_ == PaymentMethodType.TOKEN:
        raise UnsupportedType(type_)


def chargeable_alone(type_: str, details: Mapping[str, Any]) -> bool:
    """Whether money can be charged without the customer being there, or is asked for by invoice."""
    try:
        check_chargeable_alone(type_, details)
    except InvalidRequest:
        return False
    return True


# --- expiry ----------------------------------------------------------------------------------------------------

_EXPIRATION = re.compile(r"(\d{4})(0[1-9]|1[0-2])", re.ASCII)


def parse_expiration_date(text: str) -> tuple[int, int]:
    """Year and month of ``YYYYMM``. `DataValidation` for any other form."""
    found = _EXPIRATION.fullmatch(text)
    if found is None:
        raise DataValidation(EXPIRATION_FAILURE)
    return int(found[1]), int(found[2])


def check_expiration_date(text: str) -> str:
    """The date as it is stored: checked for its form, never for being in the future (payment-method §2.1)."""
    stripped = text.strip()
    parse_expiration_date(stripped)
    return stripped


def expired(expiration_date: str, today: date) -> bool:
    """Whether the card's last month lies before the month of ``today``; errors as `parse_expiration_date`."""
    return parse_expiration_date(expiration_date) < (today.year, today.month)
