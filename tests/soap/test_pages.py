"""The pages written from the tables: complete, true to the handlers, and up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from cashbox_service import pages
from cashbox_service.soap import coverage, fidelity
from cashbox_service.soap import records as r
from cashbox_service.soap.projection import TYPE_ROWS, page
from cashbox_service.soap.projection.operations import OPERATIONS
from cashbox_service.soap.registry import Registry, load_handlers
from cashbox_service.soap.returns import Row
from cashbox_service.soap.versions import CHANGES
from tests.soap.requests import FACTS

RETURNS: dict[str, tuple[Row, ...]] = {
    "fetch": (Row(404, "No token | `{value}`", "guessed"),),
    "update": (Row(400, "No", "decided"),),
}


def with_a_handler(service: str, operation: str) -> Registry:
    def answer(_call: object, _request: object) -> r.TokenFetchResponse:
        return r.TokenFetchResponse()

    registry = Registry()
    registry.handles(service, operation)(answer)
    return registry


def test_tables_of_the_service_hold_together() -> None:
    assert list(fidelity.contradictions(FACTS, load_handlers())) == []


def test_contradictions_are_found() -> None:
    assert list(fidelity.contradictions(FACTS, with_a_handler("Token", "fetch"))) == [
        "Token.fetch: 'guessed' is no kind of evidence",
        "Token.update has return codes and no handler",
    ]
    assert "Token.burn is not in the contract" in fidelity.contradictions(
        FACTS, with_a_handler("Token", "burn")
    )
    with pytest.raises(ValueError, match="no kind of evidence"):
        fidelity.page(FACTS, with_a_handler("Token", "fetch"))


def test_coverage_lists_every_operation() -> None:
    page = coverage.page(FACTS, with_a_handler("Token", "fetch"))
    assert "| Token | 1 | 2 |" in page
    assert "| **Total** | **1** | **197** |" in page
    assert "| Token | fetch | yes |" in page
    assert page.count("| 503 |") == 196


def test_fidelity_lists_the_rows_of_each_handler() -> None:
    registry = load_handlers()
    page = fidelity.page(FACTS, registry)
    for service, operation in registry:
        assert f"### {service}.{operation}\n" in page
        for row in registry.returns(service, operation):
            assert pages.code(row.text).replace("|", "\\|") in page


def test_versions_lists_every_row_of_the_tables() -> None:
    text = page.page()
    for row in OPERATIONS:
        assert f"| `{'.'.join(row.key)}` |" in text
    for each in TYPE_ROWS:
        assert each.why in text
    for change in CHANGES:
        assert all(f"`{change.service}.{name}`" in text for name in change.operations)


def test_page_is_written_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "page.md"
    output = ["--output", str(path)]
    assert pages.run("page.md", "one\n", "A page.", [*output, "--check"]) == 1
    assert pages.run("page.md", "one\n", "A page.", output) == 0
    assert pages.run("page.md", "one\n", "A page.", [*output, "--check"]) == 0
    assert pages.run("page.md", "two\n", "A page.", [*output, "--check"]) == 1
    assert path.read_text() == "one\n"


@pytest.mark.parametrize("module", [fidelity, coverage, page], ids=["fidelity", "coverage", "versions"])
def test_committed_page_is_up_to_date(module: object) -> None:
    assert getattr(module, "main")(["--check"]) == 0, "run `make docs`"  # noqa: B009  the two share no type
