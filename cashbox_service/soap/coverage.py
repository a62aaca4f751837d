"""``docs/coverage.md``: which operations this server has, and which it answers with 503.

Run: ``python -m cashbox_service.soap.coverage`` writes the page, ``--check`` tells whether it is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from cashbox_service import contract
from cashbox_service.contract import Contract, Service
from cashbox_service.pages import run, table
from cashbox_service.soap.registry import Registry, load_handlers

PAGE = "coverage.md"
VERSION = "22.0"

_PRESENT, _ABSENT = "yes", "503"
_INTRODUCTION = """\
# Operations of CashBox {version}

Written by `python -m cashbox_service.soap.coverage` from the registered handlers; do not edit.

Every operation is published and can be called. One that is not implemented answers, after the credentials were
checked, with return code 503 and `Not available in this server yet: <Service>.<operation>`; nothing happens then.
"""


def page(facts: Contract, registry: Registry) -> str:
    """The whole page."""
    return "\n".join([*_lines(facts, registry), ""])


def _lines(facts: Contract, registry: Registry) -> Iterator[str]:
    services = list(facts.services.values())
    counts = [(_implemented(service, registry), len(service.operations)) for service in services]
    yield _INTRODUCTION.format(version=facts.version)
    total = (f"**{sum(count)}**" for count in zip(*counts, strict=True))
    rows = [(service.name, *map(str, count)) for service, count in zip(services, counts, strict=True)]
    yield from table(("Service", "Implemented", "Operations"), [*rows, ("**Total**", *total)])
    yield ""
    yield from table(
        ("Service", "Operation", "Implemented"),
        [
            (service.name, name, _PRESENT if registry.find(service.name, name) else _ABSENT)
            for service in services
            for name in service.operations
        ],
    )


def _implemented(service: Service, registry: Registry) -> int:
    return sum(1 for name in service.operations if registry.find(service.name, name))


def main(arguments: list[str] | None = None) -> int:
    content = page(contract.load(VERSION), load_handlers())
    return run(PAGE, content, "Write docs/coverage.md.", arguments)


if __name__ == "__main__":
    sys.exit(main())
