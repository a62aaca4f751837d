"""Which contract a version of the interface is served with.

Five contracts are known; every version is served with one of them, under its own namespaces. Versions whose contract
this server lacks do not exist here. Source: spec conventions §1.2, §1.3.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from cashbox_service import contract
from cashbox_service.contract import Contract

_UP_TO = (((3, 6), "3.6"), ((7, 99), "4.3"), ((12, 99), "8.0"), ((20, 99), "20.0"), ((23, 99), "22.0"))
"""Contracts by the last version each serves."""

# One digit after the dot: versions are built and kept as they are asked for, so there has to be an end to them.
_VERSION = re.compile(r"([1-9][0-9]?)\.([0-9])")
_NAMESPACE = re.compile(r"http://soap\.vindicia\.com/v([1-9][0-9]?)_([0-9])/(\w{1,40})", re.ASCII)


def service_of(namespace: str) -> tuple[str, str] | None:
    """The version and the service that a namespace names; None for one of another form."""
    found = _NAMESPACE.fullmatch(namespace)
    return (f"{found[1]}.{found[2]}", found[3]) if found else None


@cache
def contract_of(version: str) -> Contract | None:
    """The contract that serves ``version`` in the version's own namespaces; None when there is none."""
    name = _contract_name(version)
    if name is None or name not in contract.versions():
        return None
    base = contract.load(name)
    return base if name == version else _under(base, version)


def _contract_name(version: str) -> str | None:
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    numbers = (int(found[1]), int(found[2]))
    return next((name for last, name in _UP_TO if numbers <= last), None)


def _under(base: Contract, version: str) -> Contract:
    """``base`` in the namespaces of another version."""
    old, new = (f"/v{number.replace('.', '_')}/" for number in (base.version, version))
    namespaces = {key: namespace.replace(old, new) for key, namespace in base.namespaces.items()}
    return replace(base, version=version, namespaces=namespaces)
