"""``cashbox-service explain``: why things are as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cashbox_service.cli.opened import database_option, opened

if TYPE_CHECKING:
    from cashbox_service.app.bills.explanation import Explanation, Reason


@click.group()
def explain() -> None:
    """Say why things are as they are."""


@explain.command()
@click.argument("invoice_id", metavar="ID")
@click.option("--merchant", "login", metavar="LOGIN", help="Only this merchant's; of all when not given.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@database_option
def invoice(invoice_id: str, login: str | None, as_json: bool, database_url: str | None) -> None:
    """Explain every line of the invoice ID, such as S1-00000003: rules, dates, prices, tax, credit."""
    from cashbox_service.app.bills import explaining
    from cashbox_service.domain.errors import InvoiceNotFound

    found: list[Explanation] = []
    with opened(database_url) as env:
        for merchant in [env.merchant(login)] if login else env.merchants():
            try:
                found += explaining.explain(env, merchant, invoice_id)
            except InvoiceNotFound:
                continue
        if not found:
            raise InvoiceNotFound("invoiceId", invoice_id)
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False))
        return
    for explanation in found:
        click.echo("\n".join(_readable(explanation)))


def _readable(explanation: Explanation) -> Iterator[str]:
    currency = explanation.currency
    of = explanation.autobill or "no AutoBill"
    yield f"Invoice {explanation.invoice} of {of}, account {explanation.account}: {explanation.state}"
    yield "  " + ", ".join(f"{name} {amount:f} {currency}" for name, amount in explanation.amounts.items())
    yield from _reasons(explanation.reasons, "  ")
    for line in explanation.lines:
        number = f"{line.number}. " if line.number is not None else ""
        sku = f" [{line.sku}]" if line.sku and line.sku != line.name else ""
        yield f"  {number}{line.name}{sku}  {line.amount:f} {currency}"
        yield from _reasons(line.reasons, "       ")
    yield from _reasons(explanation.attempts, "  ")


def _reasons(reasons: tuple[Reason, ...], indent: str) -> Iterator[str]:
    return (f"{indent}{reason.rule}: {reason.text}" for reason in reasons)
