"""Which contract a version of the interface is served with, and how it differs from that contract.

Five contracts are known. Every version is served from one of them, under its own namespaces and addresses: ``SOURCES``
says from which. ``CHANGES`` are what the interface gained between the versions of one source: a version before a change
is served without it, and a version after it has it even where its source is older. Both tables are all that is known of
versions here; how the values of one contract become those of another is the projection's part (``projection/``).
Source: spec conventions §1.2, §1.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from cashbox_service import contract
from cashbox_service.contract import Contract, Operation, Service
from cashbox_service.contract.borrowing import with_operations

Version = tuple[int, int]

SOURCES: tuple[tuple[Version, str], ...] = (
    ((3, 0), "3.6"),
    ((4, 0), "4.3"),
    ((5, 0), "8.0"),
    ((9, 0), "20.0"),
    ((21, 0), "22.0"),
)
"""Contracts by the first version that each serves; there is no version before the first row."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the interface gained with version ``since``: operations of a service, or one of their parameters.

    ``shape`` names the contract to take the operations from for versions whose own source lacks them.
    """

    since: Version
    service: str
    operations: tuple[str, ...]
    parameter: str | None = None
    shape: str | None = None
    evidence: str = "conventions §1.3"


CHANGES: tuple[Change, ...] = (
    Change((3, 6), "Account", ("addChildren", "removeChildren", "fetchFamily", "transferCredit")),
    Change(
        (3, 7),
        "Account",
        (
            "makePayment",
            "reversePayment",
            "isEntitled",
            "grantEntitlement",
            "revokeEntitlement",
            "extendEntitlementToDate",
            "extendEntitlementByInterval",
        ),
        shape="4.3",
    ),
    Change((3, 9), "Account", ("fetchAllCreditHistory",), shape="4.3"),
    Change((12, 0), "Account", ("fetchCreatedSince",)),
    Change(
        (14, 0),
        "AutoBill",
        ("fetchAllCancelReason", "updateCancelReason"),
        evidence="autobill §4: since 14.0",
    ),
    Change((18, 0), "Account", ("stopAutoBilling",), parameter="cancelReasonCode"),
    Change((19, 0), "AutoBill", ("settlementQuote",), evidence="autobill §6.40: since 19.0"),
)

HONOURS_SRD: Version = (13, 0)
"""The first version whose calls heed a sparse response description; earlier ones carry it to no effect."""

# One digit after the dot: versions are built and kept as they are asked for, so there has to be an end to them.
_VERSION = re.compile(r"([1-9][0-9]?)\.([0-9])", re.ASCII)
_NAMESPACE = re.compile(r"http://soap\.vindicia\.com/v([1-9][0-9]?)_([0-9])/(\w{1,40})", re.ASCII)
_KEPT = 64
"""Contracts of versions that are kept."""


def service_of(namespace: str) -> tuple[str, str] | None:
    """The version and the service that a namespace names; None for one of another form."""
    found = _NAMESPACE.fullmatch(namespace)
    return (f"{found[1]}.{found[2]}", found[3]) if found else None


@lru_cache(maxsize=_KEPT)
def contract_of(version: str) -> Contract | None:
    """The contract that serves ``version`` in the version's own namespaces; None when there is none."""
    number = number_of(version)
    name = source_of(number) if number is not None else None
    if number is None or name is None:
        return None
    base = contract.load(name)
    if name == version:
        return base
    for change in CHANGES:
        base = _changed(base, change, number)
    return _under(base, version)


def number_of(version: str) -> Version | None:
    """The two numbers of a version; None for text of another form."""
    found = _VERSION.fullmatch(version)
    return (int(found[1]), int(found[2])) if found else None


def source_of(version: Version) -> str | None:
    """The contract that ``version`` is served from; None for a version before all of them."""
    names = [name for first, name in SOURCES if first <= version]
    return names[-1] if names else None


@cache
def honours_srd(version: str) -> bool:
    number = number_of(version)
    return number is not None and number >= HONOURS_SRD


def _changed(base: Contract, change: Change, version: Version) -> Contract:
    service = base.services.get(change.service)
    if service is None:
        return base
    if version < change.since:
        return _with_service(base, _before(service, change))
    lacking = [name for name in change.operations if name not in service.operations]
    if change.shape is None or not lacking:
        return base
    return with_operations(base, contract.load(change.shape), change.service, lacking)


def _before(service: Service, change: Change) -> Service:
    """The service as it was before the change."""
    if change.parameter is None:
        kept = {name: each for name, each in service.operations.items() if name not in change.operations}
        return replace(service, operations=kept)
    changed = {
        name: _without(each, change.parameter) if name in change.operations else each
        for name, each in service.operations.items()
    }
    return replace(service, operations=changed)


def _without(operation: Operation, parameter: str) -> Operation:
    return replace(operation, request=tuple([part for part in operation.request if part.name != parameter]))


def _with_service(base: Contract, service: Service) -> Contract:
    services: Mapping[str, Service] = {**base.services, service.name: service}
    return replace(base, services=services)


def _under(base: Contract, version: str) -> Contract:
    """``base`` in the namespaces of another version."""
    old, new = (f"/v{number.replace('.', '_')}/" for number in (base.version, version))
    namespaces = {key: namespace.replace(old, new) for key, namespace in base.namespaces.items()}
    return replace(base, version=version, namespaces=namespaces)
