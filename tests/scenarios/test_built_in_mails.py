"""Mails that the interface has no template for: invoices, statements, reminders, warnings, cards, families."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import templates
from cashbox_service.app.mail.drafts import EmailTemplateDraft
from cashbox_service.domain.notice import Notice
from tests.conftest import Client
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login


@pytest.fixture(autouse=True)
def _january(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")


def only_mail(sandbox: Sandbox, **filters: str) -> dict[str, Any]:
    [found] = sandbox.mails(**filters)
    return sandbox.mail(found["id"])


def load(environment: Environment, merchant: Login, kind: str, text: str, language: str = "en") -> None:
    draft = EmailTemplateDraft(template_type=kind, from_="desk@example.com", text_message=text)
    with closing(environment.open(environment.merchant(merchant.login))) as work:
        templates.load(work, draft, language)


def test_an_invoice_is_in_the_mail_or_beside_it(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(mailSender="Billing <billing@example.com>")
    for form in ("Inline", "Attachment"):
        shop.subscribe(client, shop.invoiced(), statementFormat=form, merchantAutoBillId=shop.new_id(form))
    mails = {one["autobill"].split("-")[0]: sandbox.mail(one["id"]) for one in sandbox.mails()}
    assert "Total Amount Due:" in mails["Inline"]["text"]
    assert mails["Inline"]["attachment"] is None
    assert mails["Attachment"]["attachment"].endswith("-00000000.pdf")
    assert "is attached" in mails["Attachment"]["text"]
    for one in mails.values():
        assert (one["kind"], one["state"], one["from"]) == (
            "invoice",
            "kept",
            "Billing <billing@example.com>",
        )
        assert one["subject"].startswith("Invoice ")


def test_reminders_are_numbered_and_say_what_is_open(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.invoiced(), statementFormat="Inline").autobill
    sandbox.advance(14)
    first, second = (sandbox.mail(one["id"]) for one in sandbox.mails(kind="dunning"))
    assert (first["date"][:10], second["date"][:10]) == ("2024-02-07", "2024-02-14")
    assert first["subject"].startswith(f"Reminder 1: invoice {bill.merchantAutoBillId}-00000000")
    assert second["subject"].startswith("Reminder 2:")
    assert "10.00 USD of it is still open" in first["text"]
    assert "Payment Reminder 1" in first["text"]


def test_who_paid_before_the_reminder_is_written_gets_none(
    client: Client, sandbox: Sandbox, environment: Environment, merchant: Login
) -> None:
    bill = shop.subscribe(client, shop.invoiced(), statementFormat="Inline").autobill
    invoice_id = shop.invoices(client, bill)[0]
    shop.pay(client, bill, "10.00", invoiceId=invoice_id)
    with closing(environment.open(environment.merchant(merchant.login))) as work, work.writing():
        facts = {"autobill": bill.VID, "invoice": invoice_id, "reminder": "1"}
        work.uow.events.enqueue_notice(Notice.DUNNING, bill.VID, work.now, **facts)
    assert sandbox.mails(kind="dunning") == []


def test_a_statement_says_what_will_be_charged(client: Client, sandbox: Sandbox) -> None:
    shop.subscribe(client, statementFormat="Inline", statementOffset=5)
    sandbox.advance(28)
    mail = only_mail(sandbox, kind="statement")
    assert mail["date"][:10] == "2024-02-24"
    assert "on 2024-02-29 we will charge 10.00 USD" in mail["text"]


def test_the_end_of_a_trial_is_warned_of(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client, shop.month("5.00", cycles=1, expireWarningDays=5), shop.month("9.00"))
    shop.subscribe(client, billingPlan=shop.reference(plan), warnOnExpiration=True)
    sandbox.advance(28)
    mail = only_mail(sandbox, kind="expirationWarning")
    assert "continues with a bill on 2024-02-29" in mail["text"]


def test_a_merchant_chooses_which_of_them_are_sent(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(builtInMails=["dunning"])
    shop.subscribe(client, shop.invoiced(), statementFormat="Inline")
    sandbox.advance(7)
    assert [one["kind"] for one in sandbox.mails()] == ["dunning"]


def test_a_template_takes_the_place_of_a_built_in_text(
    client: Client, sandbox: Sandbox, environment: Environment, merchant: Login
) -> None:
    load(
        environment,
        merchant,
        "Invoice",
        "Subject: Rechnung\n\n{{invoice.invoiceId}} {{invoice.balance}}",
        "de",
    )
    account = shop.account(client, preferredLanguage="de_AT")
    shop.subscribe(client, shop.invoiced(), account=shop.reference(account), statementFormat="Inline")
    mail = only_mail(sandbox)
    assert (mail["subject"], mail["from"]) == ("Rechnung", "desk@example.com")
    assert mail["text"].endswith(" 10.00")


def test_holders_of_cards_that_expire_are_told_on_the_first_of_a_month(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.settings(cardExpiryMonths=1)
    for expiry in ("202403", "202404", "203001"):
        shop.subscribe(client, shop.card(expiry=expiry), merchantAutoBillId=shop.new_id(expiry))
    ended = shop.subscribe(client, shop.card(expiry="202403")).autobill
    client("AutoBill").cancel(autobill=shop.reference(ended), disentitle=True, force=True)
    sandbox.advance(45)
    told = sandbox.mails(kind="cardExpiration")
    assert [(one["date"][:10], one["autobill"].split("-")[0]) for one in told] == [
        ("2024-02-01", "202403"),
        ("2024-03-01", "202404"),
    ]
    text = sandbox.mail(told[0]["id"])["text"]
    assert "ending in 1111" in text
    assert "2024-03" in text


def test_families_are_told_if_the_merchant_wants_it(client: Client, sandbox: Sandbox) -> None:
    def link(operation: str) -> None:
        family = {"parent": shop.reference(parent), "child": [shop.reference(child)]}
        more = {"force": False} if operation == "addChildren" else {}
        getattr(client("Account"), operation)(**family, **more)

    parent, child = (shop.account(client, emailAddress=f"{name}@example.org") for name in ("p", "c"))
    link("addChildren")
    assert sandbox.mails() == []
    sandbox.settings(builtInMails=["family"])
    link("removeChildren")
    told = {one["to"]: (one["kind"], sandbox.mail(one["id"])["text"]) for one in sandbox.mails()}
    assert {to: kind for to, (kind, _) in told.items()} == {
        "p@example.org": "familyUnlinked",
        "c@example.org": "familyUnlinked",
    }
    assert child.merchantAccountId in told["p@example.org"][1]
