"""What the service's own payment page asks a customer for, and whether the answers can be used (websession §4, §5).

The page stands in for a form that a merchant would make, so it may look at the answers before they become a form: a
refused form is the end of its session, a mistyped number need not be. Values never are part of a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import DataValidation
from cashbox_service.domain.hosted_form import PREFIX, FormName, FormValue, choices
from cashbox_service.domain.hosted_method import ACCOUNT, PAYMENT_METHOD, HostedMethod
from cashbox_service.domain.instruments import (
    CardBrand,
    PaymentMethodType,
    brand,
    check_card_number,
    normalise_number,
)

CARD: Final = PaymentMethodType.CREDIT_CARD.value
TYPE: Final = FormName(PAYMENT_METHOD, ("type",))
_LONGEST: Final = 255


class Group(StrEnum):
    """Parts of the page, in their order."""

    CHOICE = "choice"
    CONTACT = "contact"
    CARD = "card"
    ADDRESS = "address"


class Problem(StrEnum):
    """What is wrong with an answer."""

    MISSING = "missing"
    INVALID = "invalid"
    PAST = "past"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: ``key`` names it on the page, ``name`` is the value of the form that the answer becomes.

    ``choices`` are what the merchant allows, where it allows several things.
    """

    key: str
    name: str
    group: Group
    required: bool = True
    choices: tuple[str, ...] = ()

    @property
    def field(self) -> FormName:
        object_, *path = self.name.removeprefix(PREFIX).split("_")
        return FormName(object_, tuple(step if step == "CVN" else step.lower() for step in path))


@dataclass(frozen=True, slots=True)
class Answers:
    """What a customer gave, as values of a form, or what is wrong with it by key."""

    values: tuple[tuple[str, str], ...]
    problems: Mapping[str, Problem]


_METHOD: Final = f"{PREFIX}{PAYMENT_METHOD}_"
_CARD: Final = (
    Ask("holder", f"{_METHOD}accountHolderName", Group.CARD),
    Ask("number", f"{_METHOD}creditCard_account", Group.CARD),
    Ask("expiry", f"{_METHOD}creditCard_expirationDate", Group.CARD),
    Ask("cvn", f"{_METHOD}nameValues_CVN", Group.CARD),
)
_ADDRESS: Final = (
    ("addr1", True),
    ("addr2", False),
    ("city", True),
    ("district", False),
    ("postalCode", True),
    ("country", True),
)
_CONTACT: Final = (
    Ask("name", f"{PREFIX}{ACCOUNT}_name", Group.CONTACT),
    Ask("email", f"{PREFIX}{ACCOUNT}_emailAddress", Group.CONTACT, required=False),
)
_YEAR_AND_MONTH: Final = frozenset(
    FormName(PAYMENT_METHOD, ("creditcard", "expirationdate", part)) for part in ("year", "month")
)

_CODES: Final = frozenset({"vid", "currency", "country", "quantity", "type", "sku", "price", "amount"})
"""Last steps of names whose values may be lists; in other texts a comma is just a comma. Ids are codes as well."""

WITHOUT_POSTAL_CODES: Final = (
    "AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CM DJ DM ER FJ GA GD GM GQ GY HK JM KI KM KN KP LY ML MO MR MW NR "
    "NU QA RW SB SC SL SR ST SY TD TG TK TL TO TV TZ UG VU YE ZW"
)
"""Countries that have none (Universal Postal Union), with blanks between."""

_MONTH_AND_YEAR: Final = re.compile(r"(\d{1,2})\s*[/.\- ]?\s*(\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_CENTURY: Final = 2000
_CVN: Final = re.compile(r"\d{3,4}", re.ASCII)
_AMEX_CVN: Final = 4
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_LAST_MONTH: Final = 12
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")


def asked(method: HostedMethod, fixed: Sequence[FormValue], *, has_card: bool) -> tuple[Ask, ...]:
    """The questions of a session: what its method needs, less what the merchant has fixed, and what it lets choose.

    ``has_card``: the merchant names a stored card, whose number need not be given again.
    """
    settled = {each.field for each in fixed if each.field is not None and not _is_list(each)}
    if settled >= _YEAR_AND_MONTH:
        settled.add(FormName(PAYMENT_METHOD, ("creditcard", "expirationdate")))
    lists = {each.field: choices(each.value) for each in fixed if each.field is not None and _is_list(each)}
    asks = []
    for ask in _questions(method):
        if ask.field in settled:
            continue
        given = lists.pop(ask.field, ())
        is_known = ask.key in ("number", "expiry") and has_card
        asks.append(replace(ask, choices=given, required=ask.required and not is_known))
    lists.pop(TYPE, None)
    offered = (
        Ask(f"choice{number}", posted_name(each), Group.CHOICE, choices=lists[each.field])
        for number, each in enumerate(fixed)
        if each.field in lists
    )
    return (*offered, *asks)


def posted_name(value: FormValue) -> str:
    """What a browser would call a value of the merchant, who may leave out the prefix."""
    has_prefix = value.name[: len(PREFIX)].lower() == PREFIX
    return value.name if value.field is None or has_prefix else f"{PREFIX}{value.name}"


def kept(fixed: Sequence[FormValue]) -> tuple[tuple[str, str], ...]:
    """Texts of the merchant that only look like lists, which the form has to repeat as they are."""
    return tuple(
        (posted_name(each), each.value) for each in fixed if choices(each.value) and not _is_list(each)
    )


def payment_type(fixed: Sequence[FormValue]) -> str | None:
    """The type of the payment method that the page asks for; None where it is one that no page is made for."""
    given = next((each for each in fixed if each.field == TYPE), None)
    if given is None or not given.value:
        return CARD
    return CARD if CARD in (choices(given.value) or (given.value,)) else None


def pays(method: HostedMethod) -> bool:
    """Whether the page asks for a payment method."""
    return any(object_ == PAYMENT_METHOD for object_, _ in method.places)


def answered(asks: Sequence[Ask], given: Mapping[str, str], today: date) -> Answers:
    """Check what a customer gave by key; what is left empty though it may be is left out."""
    values: list[tuple[str, str]] = []
    problems: dict[str, Problem] = {}
    for ask in asks:
        text = _CONTROL.sub(" ", given.get(ask.key, "")).strip()
        if not text:
            if _must_be_given(ask, given):
                problems[ask.key] = Problem.MISSING
            continue
        found = _checked(ask, text, given, today)
        if isinstance(found, Problem):
            problems[ask.key] = found
        else:
            values.append((ask.name, found))
    return Answers(tuple(values), problems)


def _must_be_given(ask: Ask, given: Mapping[str, str]) -> bool:
    if ask.key == "postalCode":
        return given.get("country", "") not in WITHOUT_POSTAL_CODES.split()
    return ask.required


def _checked(ask: Ask, text: str, given: Mapping[str, str], today: date) -> str | Problem:
    """The value as a form has it, or what is wrong with it."""
    if ask.choices:
        return text if text in ask.choices else Problem.INVALID
    if len(text) > _LONGEST:
        return Problem.TOO_LONG
    match ask.key:
        case "number":
            return _number(text)
        case "expiry":
            return _expiry(text, today)
        case "cvn":
            return _cvn(text, given.get("number", ""))
        case "country":
            return text if _COUNTRY.fullmatch(text) else Problem.INVALID
        case "email":
            return text if _EMAIL.fullmatch(text) else Problem.INVALID
    return text


def _number(text: str) -> str | Problem:
    number = normalise_number(text)
    try:
        check_card_number(number)
    except DataValidation:
        return Problem.INVALID
    return number


def _expiry(text: str, today: date) -> str | Problem:
    """``YYYYMM`` of what people and browsers write: 07/38, 7/2038, 0738, 2038-07."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month = int(found[1]), int(found[2])
    elif found := _MONTH_AND_YEAR.fullmatch(text):
        month, year = int(found[1]), int(found[2])
    else:
        return Problem.INVALID
    year += _CENTURY if year < 100 else 0
    if not (1 <= month <= _LAST_MONTH and _CENTURY <= year < _CENTURY + 100):
        return Problem.INVALID
    return Problem.PAST if (year, month) < (today.year, today.month) else f"{year}{month:02}"


def _cvn(text: str, number: str) -> str | Problem:
    if not _CVN.fullmatch(text):
        return Problem.INVALID
    issuer = brand(normalise_number(number))
    if issuer is not None and (issuer is CardBrand.AMEX) != (len(text) == _AMEX_CVN):
        return Problem.INVALID
    return text


def _questions(method: HostedMethod) -> Iterator[Ask]:
    if pays(method):
        yield from _CARD
        yield from _address(f"{_METHOD}billingAddress_")
    else:
        yield from _CONTACT
        yield from _address(f"{PREFIX}{ACCOUNT}_shippingAddress_")


def _address(start: str) -> Iterator[Ask]:
    for part, required in _ADDRESS:
        yield Ask(part, f"{start}{part}", Group.ADDRESS, required)


def _is_list(value: FormValue) -> bool:
    """Whether the merchant lets choose."""
    if value.field is None or len(choices(value.value)) < 2:
        return False
    last = value.field.path[-1]
    return last in _CODES or last.endswith("id")
