"""``docs/fidelity.md``: every return code of every operation, and how it is known.

Run: ``python -m cashbox_service.soap.fidelity`` writes the page, ``--check`` tells whether it is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from cashbox_service import contract
from cashbox_service.contract import Contract
from cashbox_service.pages import code, run, table
from cashbox_service.soap.registry import Registry, load_handlers
from cashbox_service.soap.returns import COMMON, EVIDENCE, NOT_IMPLEMENTED, STANDARD, Row

PAGE = "fidelity.md"
VERSION = "22.0"

_INTRODUCTION = """\
# Return codes and how they are known

Written by `python -m cashbox_service.soap.fidelity` from the tables beside the handlers; do not edit.

*documented*: the published documentation or the interface itself says so. *observed*: seen in real exchanges, the text
literally. *inferred*: follows from neighbouring rules. *decided*: nothing is known, this server's own rule.
Words in braces or angle brackets stand for values of the call. Of several rows that fit, the first counts.
"""
_HEADINGS = ("Code", "Text", "When", "Evidence")


def page(facts: Contract, registry: Registry) -> str:
    """The whole page. Raises ValueError for a table that contradicts the contract or the registry."""
    problems = list(contradictions(facts, registry))
    if problems:
        raise ValueError("; ".join(problems))
    return "\n".join([*_lines(facts, registry), ""])


def contradictions(facts: Contract, registry: Registry) -> Iterator[str]:
    """What is wrong with the tables, one sentence each."""
    for service, operation in registry:
        if service not in facts.services or operation not in facts.services[service].operations:
            yield f"{service}.{operation} is not in the contract"
    for service, operation, rows in registry.tables():
        if registry.find(service, operation) is None:
            yield f"{service}.{operation} has return codes and no handler"
        for row in rows:
            if row.evidence not in EVIDENCE:
                yield f"{service}.{operation}: {row.evidence!r} is no kind of evidence"


def _lines(facts: Contract, registry: Registry) -> Iterator[str]:
    yield _INTRODUCTION
    yield "## All operations\n"
    yield from _rows((*STANDARD, NOT_IMPLEMENTED))
    yield "\nRefusals that the operation's own rows leave open:\n"
    yield from _rows(COMMON)
    for service in facts.services.values():
        handled = [name for name in service.operations if registry.find(service.name, name)]
        if not handled:
            continue
        yield f"\n## {service.name}"
        for name in handled:
            yield f"\n### {service.name}.{name}\n"
            own = registry.returns(service.name, name)
            if own:
                yield from _rows(own)
            else:
                yield "No codes beyond those of all operations."


def _rows(rows: tuple[Row, ...]) -> list[str]:
    return table(_HEADINGS, [(str(row.code), code(row.text), row.when, row.evidence) for row in rows])


def main(arguments: list[str] | None = None) -> int:
    content = page(contract.load(VERSION), load_handlers())
    return run(PAGE, content, "Write docs/fidelity.md.", arguments)


if __name__ == "__main__":
    sys.exit(main())
