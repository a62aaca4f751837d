"""Objects as push messages have them: what an answer over SOAP would show, as JSON (notifications §1.4).

Values are the texts that SOAP would carry, but for a few computed numbers. Lists are arrays; what is absent is left
out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cashbox_service.app.context import Work
from cashbox_service.app.pushing.contents import Content, Subject
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.app.views import account_view
from cashbox_service.contract import IDENTIFIERS, Contract
from cashbox_service.soap import lexical, records
from cashbox_service.soap.projection import Projection, projection_of
from cashbox_service.soap.record import Record
from cashbox_service.soap.shown import without_cards
from cashbox_service.soap.srd import ALL
from cashbox_service.soap.versions import contract_of
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.chargeback import chargeback
from cashbox_service.soap.wire.payment_method import payment_method
from cashbox_service.soap.wire.refund import refund
from cashbox_service.soap.wire.transaction import transaction

_BARE = frozenset({"total", "subtotal", "discount", "subscriptionBalance", "amountIncludesTax"})
"""Computed numbers that are written without quotes."""

_HIDDEN = "XXX"
_SECRETS = frozenset({"password", "cvn", "cid", "cidHash", "pin", "pinHash", "paymentData", "accountHash"})
"""Fields whose values nobody is told."""

_KEPT_VERSIONS = 16


class PushContents:
    """Shows objects by the mappings of the SOAP services."""

    @property
    def newest(self) -> str:
        return records.VERSION

    def knows(self, version: str) -> bool:
        return contract_of(version) is not None

    def show(self, work: Work, subject: Subject, vid: str, version: str) -> Content | None:
        """The object as it stands in the store."""
        record = _BUILDERS[subject](work, vid)
        if record is None:
            return None
        facts, projection = _version(version)
        shown: Record = record
        if projection is not None:
            shown = projection.shown(subject.value, record, work.zone, lambda: work.now)
        return _object(facts, subject.value, shown, work.zone)


@lru_cache(maxsize=_KEPT_VERSIONS)
def _version(version: str) -> tuple[Contract, Projection | None]:
    facts = contract_of(version)
    assert facts is not None, version
    return facts, projection_of(facts)


def _account(work: Work, vid: str) -> Record | None:
    found = work.uow.accounts.by_vid(vid)
    return account(account_view(work, found), ALL) if found is not None else None


def _autobill(work: Work, vid: str) -> Record | None:
    """With the whole account, which answers show in short."""
    found = work.uow.autobills.by_vid(vid)
    if found is None:
        return None
    shown = autobill(AutoBillView(work, found), ALL)
    shown.account = account(account_view(work, found.account), ALL)
    return shown


def _transaction(work: Work, vid: str) -> Record | None:
    found = work.uow.transactions.by_vid(vid)
    return transaction(work, found, ALL) if found is not None else None


def _refund(work: Work, vid: str) -> Record | None:
    found = work.uow.refunds.by_vid(vid)
    return refund(work, found, ALL) if found is not None else None


def _chargeback(work: Work, vid: str) -> Record | None:
    found = work.uow.chargebacks.by_vid(vid)
    return chargeback(found, ALL) if found is not None else None


def _payment_method(work: Work, vid: str) -> Record | None:
    found = work.uow.payment_methods.by_vid(vid)
    return payment_method(found, ALL) if found is not None else None


_BUILDERS: dict[Subject, Callable[[Work, str], Record | None]] = {
    Subject.ACCOUNT: _account,
    Subject.AUTOBILL: _autobill,
    Subject.TRANSACTION: _transaction,
    Subject.REFUND: _refund,
    Subject.CHARGEBACK: _chargeback,
    Subject.PAYMENT_METHOD: _payment_method,
}


def _object(facts: Contract, type_name: str, record: Any, zone: tzinfo) -> Content:
    shown: Content = {}
    for field in facts.types[type_name].fields:
        value = getattr(record, field.attribute)
        if value is None:
            continue
        if not field.repeated:
            shown[field.name] = _value(facts, field.type, field.name, value, zone)
        elif value:
            shown[field.name] = [_value(facts, field.type, field.name, one, zone) for one in value]
    return shown


def _value(facts: Contract, type_name: str, name: str, value: Any, zone: tzinfo) -> Any:
    if type_name in facts.types:
        return _object(facts, type_name, value, zone)
    if name in _SECRETS:
        return _HIDDEN
    if name in _BARE and isinstance(value, bool | int | Decimal):
        return int(value) if value == int(value) else value
    text = _text(type_name, value, zone)
    return text if name in IDENTIFIERS else without_cards(text)


def _text(type_name: str, value: Any, zone: tzinfo) -> str:
    if type_name == "xsd:boolean":
        return "1" if value else "0"
    if type_name == "xsd:dateTime":
        return lexical.format_date_time(value, zone)
    if type_name == "xsd:date":
        return lexical.format_date(value)
    if type_name in ("xsd:decimal", "xsd:float"):
        return lexical.format_decimal(value)
    if type_name == "xsd:base64Binary":
        return lexical.format_base64(value)
    return str(value)
