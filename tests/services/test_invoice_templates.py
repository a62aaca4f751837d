"""Invoices in the language of their customer, by templates of the merchant's own, and what happens when one fails."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client


@pytest.fixture
def autobill(client: Client, sandbox: Sandbox) -> Any:
    """An invoice of 10.00, due by 15 May, of a customer who reads German."""
    sandbox.set_clock("2024-05-05T12:00:00")
    account = shop.account(client, preferredLanguage="de-AT", name="Жанна Ж")
    return shop.subscribe(client, shop.invoiced(), account=shop.reference(account), invoiceTerms=10).autobill


def text(client: Client, autobill: Any, **rest: Any) -> str:
    return shop.invoice_text(client, autobill, f"{autobill.merchantAutoBillId}-00000000", **rest)


def put(sandbox: Sandbox, source: str | None, status: int = 200, **fields: Any) -> Any:
    given = {"form": "text", "language": "en", "source": source} | fields
    answered, answer = sandbox.ask("PUT", "/sandbox/templates", given)
    assert answered == status, answer
    return answer


def test_an_invoice_is_in_the_language_of_its_customer_unless_another_is_asked_for(
    client: Client, autobill: Any
) -> None:
    german = text(client, autobill)
    assert german.endswith(
        f"Zu zahlender Betrag:{'10.00':>63}\nTotal Amount Due:{'10.00':>66}\nZahlbar bis: 15.05.2024\n"
    )
    assert text(client, autobill, language="de") == german
    assert "Pagar antes del: 15 may 2024" in text(client, autobill, language="es")
    for english in ("en", "xx"):
        assert "Pay By: 2024-05-15" in text(client, autobill, language=english)


def test_a_pdf_has_the_name_of_the_customer_in_its_own_letters(client: Client, autobill: Any) -> None:
    answer = client("AutoBill").fetchInvoice(
        autobill=shop.reference(autobill), invoiceId=f"{autobill.merchantAutoBillId}-00000000", asPDF=True
    )
    page = PdfReader(BytesIO(answer.invoice)).pages[0].extract_text()
    assert "Жанна Ж" in page
    assert "10,00 $" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_an_own_template_goes_first_by_its_id_then_its_language_then_english(
    client: Client, sandbox: Sandbox, autobill: Any
) -> None:
    put(sandbox, "English {{ total_due|plain }}")
    assert text(client, autobill) == "English 10.00"
    put(sandbox, "Deutsch {{ account_id }}", language="DE")
    assert text(client, autobill) == f"Deutsch {autobill.account.merchantAccountId}"
    assert text(client, autobill, language="fr") == "English 10.00"
    put(sandbox, "Besonders {{ autobill_id }} {{ state }}", language="de", templateId="gold")
    assert text(client, autobill, statementTemplateId="silver") == text(client, autobill)
    special = f"Besonders {autobill.merchantAutoBillId} Due"
    assert text(client, autobill, statementTemplateId="gold") == special
    shop.update(client, shop.reference(autobill) | {"statementTemplateId": "gold"})
    assert text(client, autobill) == special
    listed = put(sandbox, None, language="de", templateId="gold")["templates"]
    assert [(one["templateId"], one["language"]) for one in listed] == [("", "de"), ("", "en")]
    assert put(sandbox, None, 400, templateId="gold")["error"] == 'No match found for template "gold text en"'


def test_a_template_that_fails_on_an_invoice_gives_way_to_the_built_in_one(
    client: Client, sandbox: Sandbox, autobill: Any, server: Server
) -> None:
    built_in = text(client, autobill)
    put(sandbox, "{% if account_id != 'account-1' %}{{ (charges|first).colour }}{% endif %}{{ layout }}")
    shop.pay(client, autobill, "10.00")
    assert text(client, autobill).startswith(built_in[:60])
    put(sandbox, "{% if customer|length == 1 %}{{ (customer|first) + 1 }}{% endif %}ok")
    assert text(client, autobill).startswith(built_in[:60])
    told = [line for line in server.log.read_text().splitlines() if "invoice template failed" in line]
    assert "line 1: TypeError" in told[-1]
    assert "Жанна" not in told[-1]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"source": "{{ colour }}"}, "there is no colour"),
        ({"source": 7}, "source"),
        ({"form": "gif"}, "form"),
        ({"form": None}, "form"),
        ({"language": "?"}, "language"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_and_not_stored(
    sandbox: Sandbox, fields: dict[str, Any], problem: str
) -> None:
    given = {"source": "{{ layout }}"} | fields
    assert problem in put(sandbox, given.pop("source"), 400, **given)["error"]
    assert sandbox.ask("GET", "/sandbox/templates")[1] == {"templates": []}


def test_templates_outlive_a_reset(sandbox: Sandbox) -> None:
    put(sandbox, "{{ layout }}", form="html")
    assert sandbox.ask("POST", "/sandbox/reset")[0] == 200
    assert [one["form"] for one in sandbox.ask("GET", "/sandbox/templates")[1]["templates"]] == ["html"]
