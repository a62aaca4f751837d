"""What a customer's browser posts to a WebSession: names, checks, and what may be shown of it (websession §4, §5).

Nothing here builds an object or asks a store: values stay text by name. Values are never part of an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cashbox_service.domain.errors import DataValidation, InvalidRequest
from cashbox_service.domain.hosted_method import OBJECTS, PAYMENT_METHOD, WEB_SESSION
from cashbox_service.domain.instruments import (
    LUHN_FAILURE,
    PaymentMethodType,
    account_length,
    bin_of,
    check_card_number,
    is_masked,
    last_digits,
    mask_tail,
    normalise_number,
)
from cashbox_service.domain.xml_text import expressible

PREFIX: Final = "vin_"
_NAME_VALUES: Final = "namevalues"
_CVN: Final = "CVN"
_OBJECTS: Final = {name.lower(): name for name in OBJECTS}
_TYPES: Final = frozenset(type_.value for type_ in PaymentMethodType)
_EXPIRATION: Final = re.compile(r"20[0-9]{2}(0[1-9]|1[0-2])")

_CARD: Final = ("creditcard", "account")
_NUMBERS: Final = {
    _CARD: "creditCard",
    ("ecp", "account"): "ecp",
    ("directdebit", "account"): "directDebit",
    ("militarystar", "account"): "militaryStar",
}
"""Numbers of which only the end is shown, and the object they belong to as it is spelled."""

_NEVER_SHOWN: Final = frozenset({("militarystar", "cid"), (_NAME_VALUES, _CVN)})
_YEAR, _MONTH = ("creditcard", "expirationdate", "year"), ("creditcard", "expirationdate", "month")
_EXPIRES: Final = ("creditcard", "expirationdate")


class FormRefused(InvalidRequest):
    """The form is not accepted; the message is the apiReturn of the session."""


@dataclass(frozen=True, slots=True)
class FormName:
    """The name of a value: the object it is about and the way to the field, in small letters.

    The name of a name-value pair is one step, spelled as it was sent; ``CVN`` is always in capitals.
    """

    object: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormValue:
    """One value with its name as it was sent; ``field`` is None for what only the merchant knows."""

    name: str
    value: str
    field: FormName | None


def posted(pairs: Iterable[tuple[str, str]]) -> tuple[FormValue, ...]:
    """Values of a browser: only names with the prefix are the service's. Characters that XML has not are left out."""
    cleaned = ((expressible(name), expressible(value)) for name, value in pairs)
    return tuple(FormValue(name, value, _field(name, prefix_required=True)) for name, value in cleaned)


def private(pairs: Iterable[tuple[str, str | None]]) -> tuple[FormValue, ...]:
    """Values of the merchant, who may leave out the prefix."""
    return tuple(FormValue(name, value or "", _field(name, prefix_required=False)) for name, value in pairs)


def _field(name: str, *, prefix_required: bool) -> FormName | None:
    rest = name
    if name[: len(PREFIX)].lower() == PREFIX:
        rest = name[len(PREFIX) :]
    elif prefix_required:
        return None
    head, _, path = rest.partition("_")
    object_ = _OBJECTS.get(head.lower())
    if object_ is None or not path:
        return None
    steps = path.split("_")
    lowered = [step.lower() for step in steps]
    if _NAME_VALUES in lowered:
        at = lowered.index(_NAME_VALUES)
        pair = "_".join(steps[at + 1 :])
        lowered = [*lowered[: at + 1], _CVN if pair.lower() == _CVN.lower() else pair]
    return FormName(object_, tuple(lowered))


def merged(fixed: Sequence[FormValue], sent: Sequence[FormValue]) -> dict[FormName, str]:
    """What the objects are built from: the merchant's value, else the browser's (websession §4.4).

    Where the merchant allows several values, it is the one the browser chose. The parts of a card's expiration date
    are joined. Values of the session itself are not among them.
    """
    values = {each.field: each.value for each in reversed(sent) if each.field is not None}
    for each in fixed:
        if each.field is not None and not (each.field in values and choices(each.value)):
            values[each.field] = each.value
    values = {name: value for name, value in values.items() if name.object != WEB_SESSION}
    year = values.pop(FormName(PAYMENT_METHOD, _YEAR), None)
    month = values.pop(FormName(PAYMENT_METHOD, _MONTH), None)
    if year is not None and month is not None:
        values.setdefault(FormName(PAYMENT_METHOD, _EXPIRES), f"{year.strip()}{month.strip().zfill(2)}")
    return values


def choices(value: str) -> tuple[str, ...]:
    """The values of a comma-separated list; empty when it is no list."""
    if "," not in value:
        return ()
    return tuple(choice.strip() for choice in value.split(",") if choice.strip())


def check_private(fixed: Sequence[FormValue], sent: Sequence[FormValue]) -> None:
    """Raises FormRefused when the browser sent another value than the merchant allows (websession §4.3)."""
    values = {_key(each): each.value for each in reversed(sent)}
    for each in fixed:
        given = values.get(_key(each))
        several = choices(each.value)
        if len(several) > 1 if given is None else given not in (*several, each.value):
            raise FormRefused(f"Invalid value for {each.name[:80]}")


def check_payment(values: Mapping[FormName, str], *, is_stored: bool) -> None:
    """Type, number and expiration date of a payment method that the form tells of; raises FormRefused.

    ``is_stored``: its ids name one that is known, so that the type may be left out and the number masked.
    """
    method = {name.path: value for name, value in values.items() if name.object == PAYMENT_METHOD}
    if not method:
        return
    type_ = method.get(("type",), "")
    if type_ not in _TYPES and not (is_stored and not type_):
        raise FormRefused(f"Invalid payment method type:  {type_[:40]}")
    number = normalise_number(method.get(_CARD, ""))
    if number and not (is_masked(number) and is_stored):
        try:
            check_card_number(number)
        except DataValidation:
            raise FormRefused(f"Data validation error {LUHN_FAILURE}") from None
    expires = method.get(_EXPIRES)
    if expires and not _EXPIRATION.fullmatch(expires):
        raise FormRefused("Credit card expirationDate is invalid")


def method_ids(values: Mapping[FormName, str]) -> tuple[str | None, str | None]:
    """VID and merchantPaymentMethodId of the payment method that the form tells of."""
    return (
        values.get(FormName(PAYMENT_METHOD, ("vid",))) or None,
        values.get(FormName(PAYMENT_METHOD, ("merchantpaymentmethodid",))) or None,
    )


def shown(vid: str, sent: Sequence[FormValue]) -> tuple[tuple[str, str], ...]:
    """What may be kept and told of the posted values, in the order of their arrival (websession §5.4)."""
    rows = [("vin_WebSession_VID", vid)]
    ends: list[tuple[str, str]] = []
    for each in sent:
        field = each.field
        if field is not None and field.object == WEB_SESSION and field.path == ("vid",):
            continue
        if field is not None and field.object == PAYMENT_METHOD and field.path in _NEVER_SHOWN:
            continue
        if field is not None and field.object == PAYMENT_METHOD and field.path in _NUMBERS:
            ends += _ends(_NUMBERS[field.path], normalise_number(each.value))
            continue
        rows.append((each.name, each.value))
    return (*rows, *ends)


def without_secrets(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Values of the merchant as they may be stored and shown: of numbers the end, of verification numbers nothing."""
    return tuple((each.name, _hidden(each)) for each in private(pairs))


def _hidden(value: FormValue) -> str:
    field = value.field
    if value.name.lower() == _CVN.lower():
        return mask_tail("")
    if field is None or field.object != PAYMENT_METHOD:
        return value.value
    if field.path in _NEVER_SHOWN:
        return mask_tail("")
    return mask_tail(normalise_number(value.value)) if field.path in _NUMBERS else value.value


def _ends(part: str, number: str) -> list[tuple[str, str]]:
    if not number:
        return []
    start = f"{PREFIX}{PAYMENT_METHOD}_{part}_"
    ends = [
        (f"{start}lastDigits", last_digits(number)),
        (f"{start}accountLength", str(account_length(number))),
    ]
    if part == "creditCard":
        ends.insert(1, (f"{start}bin", bin_of(number)))
    return ends


def _key(value: FormValue) -> object:
    return value.field or value.name.lower()
