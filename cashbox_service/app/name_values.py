"""Name-value pairs of any object: checked, merged by name, registered per class (conventions §9, §5.3)."""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.context import Work
from cashbox_service.app.drafts import NameValuePairDraft
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import InvalidValue, MissingField

MAX_LENGTH = 255

OBJECT_CLASSES = (
    "Account",
    "AutoBill",
    "AutoBillItem",
    "BillingPlan",
    "Chargeback",
    "CurrencyAmount",
    "Event",
    "GiftCardStatus",
    "PaymentMethod",
    "PaymentProvider",
    "Product",
    "RatePlan",
    "Refund",
    "SeasonSet",
    "TimeInterval",
    "Transaction",
    "TransactionItem",
    "WebSession",
)
"""Classes whose objects can carry pairs, as fetchNameValueTypes lists them (account §12.1)."""


def merged(
    work: Work, object_class: str, current: tuple[NameValue, ...], given: Iterable[NameValuePairDraft]
) -> tuple[NameValue, ...]:
    """``current`` with the given pairs merged in, in the order in which names were first set.

    A pair with an empty value removes the name; a name given twice counts as given last. Raises InvalidValue for a
    missing name and for parts longer than 255 characters.
    """
    pairs = {pair.name: pair.value for pair in current}
    added: set[str] = set()
    for pair in given:
        name, value = _checked(pair)
        if value:
            pairs[name] = value
            added.add(name)
        else:
            pairs.pop(name, None)
            added.discard(name)
    work.uow.events.register_names(object_class, added)
    return tuple(NameValue(name, value) for name, value in pairs.items())


def value_of(pairs: Iterable[NameValue | NameValuePairDraft], name: str) -> str | None:
    """The value of the pair called ``name`` in any letter case; the last one counts."""
    wanted = name.lower()
    found = None
    for pair in pairs:
        if pair.name is not None and pair.name.lower() == wanted:
            found = pair.value
    return found


def names_of_class(work: Work, object_class: str | None) -> list[str]:
    """Distinct names ever stored on objects of the class, sorted by code point (account §12.2).

    Raises MissingField, InvalidValue for a class without pairs.
    """
    if not object_class:
        raise MissingField("type")
    if object_class not in OBJECT_CLASSES:
        raise InvalidValue("type", object_class, "is not a class with name-value pairs")
    return sorted(work.uow.events.names(object_class))


def _checked(pair: NameValuePairDraft) -> tuple[str, str]:
    name, value = pair.name or "", pair.value or ""
    if not name:
        raise InvalidValue("nameValues.name", name, "must not be empty")
    for part, text in (("name", name), ("value", value)):
        if len(text) > MAX_LENGTH:
            raise InvalidValue(
                f"nameValues.{part}", text[:40] + "…", f"is longer than {MAX_LENGTH} characters"
            )
    return name, value
