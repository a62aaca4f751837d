"""What customers read: mails are written when the clock moves, by the template, language and body that fit."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import templates
from cashbox_service.app.mail.drafts import EmailTemplateDraft
from tests.conftest import Client, _new_merchant
from tests.servers import Server
from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

SENDER = "Shop <shop@example.com>"


@pytest.fixture(autouse=True)
def _january(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")


def template(client: Client, kind: str = "Success", text: str | None = "Thanks", **fields: Any) -> None:
    given = {"product": {}, "templateType": kind, "from": SENDER, "textMessage": text} | fields
    client("EmailTemplate").update(template=given)


def load(environment: Environment, merchant: Login, kind: str, text: str, language: str = "EN") -> None:
    """A template that an operator loads."""
    draft = EmailTemplateDraft(template_type=kind, from_=SENDER, text_message=text)
    with closing(environment.open(environment.merchant(merchant.login))) as work:
        templates.load(work, draft, language)


def bodies(sandbox: Sandbox, **filters: str) -> list[str]:
    return [sandbox.mail(one["id"])["text"] for one in sandbox.mails(**filters)]


def test_advancing_the_clock_makes_the_mails_of_the_days_it_passes(client: Client, sandbox: Sandbox) -> None:
    template(
        client,
        replyTo="help@example.com",
        text="Subject: Thank you, {{name}}\n\nWe took {{amount}} {{transaction.currency}} for {{product.description}}"
        " ({{billingPlan.description}}, {{autobill.merchantAutoBillId}}) by {{paymentMethod.type}}"
        " {{paymentMethod.lastDigits}}.{{ unknown.thing }}",
    )
    bill = shop.subscribe(client, account=shop.reference(shop.account(client, name="Ada"))).autobill
    sandbox.advance(60)
    made = sandbox.mails()
    assert [(one["date"][:10], one["kind"], one["state"], one["to"], one["subject"]) for one in made] == [
        ("2024-01-31", "success", "kept", "ada@example.org", "Thank you, Ada"),
        ("2024-02-29", "success", "kept", "ada@example.org", "Thank you, Ada"),
        ("2024-03-31", "success", "kept", "ada@example.org", "Thank you, Ada"),
    ]
    assert (made[0]["from"], made[0]["replyTo"]) == (SENDER, "help@example.com")
    text = sandbox.mail(made[0]["id"])["text"]
    assert text == (
        f"We took 10.00 USD for Magazine (Monthly, {bill.merchantAutoBillId}) by CreditCard 1111."
    )


def test_without_a_template_or_an_address_there_is_no_mail(client: Client, sandbox: Sandbox) -> None:
    shop.subscribe(client)
    assert sandbox.mails() == []
    template(client)
    shop.subscribe(client, account=shop.reference(shop.account(client, emailAddress="")))
    assert sandbox.mails() == []
    sandbox.advance(29)
    assert [one["date"][:10] for one in sandbox.mails()] == ["2024-02-29"]


def test_the_template_of_a_product_comes_before_the_default(client: Client, sandbox: Sandbox) -> None:
    special = shop.product(client)
    template(client, text="default")
    template(client, text="special", product=shop.reference(special))
    shop.subscribe(client)
    shop.subscribe(client, items=[{"index": 0, "product": shop.reference(special)}])
    assert sorted(bodies(sandbox)) == ["default", "special"]


def test_the_customer_is_written_to_in_his_language_or_else_in_english(
    client: Client, merchant: Login, sandbox: Sandbox, environment: Environment
) -> None:
    template(client, text="English")
    load(environment, merchant, "Success", "Deutsch", "DE")
    for language in ("de", "de-AT", "fr", None):
        account = shop.account(client, preferredLanguage=language)
        shop.subscribe(client, account=shop.reference(account))
    assert sorted(bodies(sandbox)) == ["Deutsch", "Deutsch", "English", "English"]
    assert [
        one.textMessage for one in client("EmailTemplate").fetchByType(product={}, type="Success").template
    ] == ["English"]


def test_the_customer_chooses_the_body(client: Client, sandbox: Sandbox) -> None:
    template(client, text="plain {{name}}", htmlMessage="<title>Hi {{name}}</title><p>rich {{name}}</p>")
    for preference in ("html", "plaintext", "multipart"):
        account = shop.account(client, name="A&B", emailTypePreference=preference)
        shop.subscribe(client, account=shop.reference(account), merchantAutoBillId=shop.new_id(preference))
    got = {one["autobill"].split("-")[0]: sandbox.mail(one["id"]) for one in sandbox.mails()}
    rich, plain = "<title>Hi A&amp;B</title><p>rich A&amp;B</p>", "plain A&B"
    assert {kind: (mail["text"], mail["html"]) for kind, mail in got.items()} == {
        "html": (None, rich),
        "plaintext": (plain, None),
        "multipart": (plain, rich),
    }
    assert got["multipart"]["subject"] == "Hi A&B"


def test_a_template_that_fails_when_filled_in_stops_nobody(client: Client, sandbox: Sandbox) -> None:
    loop = "{% for item in transaction.transactionItems %}" + "x" * 190_000 + "{% endfor %}"
    items = [{"index": n, "product": shop.reference(shop.product(client))} for n in range(6)]
    template(client, text=loop)
    template(client, "Cancellation", "Bye")
    bill = shop.subscribe(client, items=items).autobill
    client("AutoBill").cancel(autobill=shop.reference(bill), disentitle=False, force=True)
    assert [(one["kind"], one["state"]) for one in sandbox.mails()] == [
        ("success", "failed"),
        ("cancellation", "kept"),
    ]
    assert "1000000 characters" in sandbox.mails(state="failed")[0]["error"]
    assert shop.standing(shop.fetched(client, bill))[0] == "Pending Cancel"


def test_mails_are_filtered_and_shown_to_their_merchant_alone(
    client: Client, sandbox: Sandbox, server: Server
) -> None:
    other_sandbox = Sandbox(server, _new_merchant(server))
    template(client)
    ada, bob = (shop.account(client, emailAddress=f"{name}@example.org") for name in ("ada", "bob"))
    for account in (ada, bob):
        shop.subscribe(client, account=shop.reference(account))
    assert [one["to"] for one in sandbox.mails(account=ada.merchantAccountId)] == ["ada@example.org"]
    assert [one["to"] for one in sandbox.mails(account="bob@example.org", kind="success")] == [
        "bob@example.org"
    ]
    assert sandbox.mails(kind="cancellation") == []
    assert sandbox.ask("GET", "/sandbox/mails?state=lost")[0] == 400
    assert sandbox.ask("GET", "/sandbox/mails?limit=0")[0] == 400
    mail_id = sandbox.mails()[0]["id"]
    assert other_sandbox.mails() == []
    assert other_sandbox.ask("GET", f"/sandbox/mails/{mail_id}")[0] == 404
    assert other_sandbox.ask("GET", f"/sandbox/mails/{mail_id}/html")[0] == 404


def test_a_browser_reads_the_mails_as_pages(client: Client, server: Server, sandbox: Sandbox) -> None:
    template(client, text=None, htmlMessage="<p>Hello {{name}}<script>alert(1)</script></p>")
    shop.subscribe(client, account=shop.reference(shop.account(client, name="<Ada>")))
    mail_id = sandbox.mails()[0]["id"]

    def page(path: str) -> Any:
        accepted = {"Accept": "text/html,*/*;q=0.5"}
        answer = server.get(f"/sandbox/mails{path}", sandbox.credentials | accepted)
        assert answer.status == 200
        return answer

    assert mail_id in page("").body.decode()
    assert "/html" in page(f"/{mail_id}").body.decode()
    shown = page(f"/{mail_id}/html")
    assert "Hello &lt;Ada&gt;" in shown.body.decode()
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_sale_is_confirmed_when_it_is_captured_if_asked_and_in_its_own_language(
    client: Client, sandbox: Sandbox, environment: Environment, merchant: Login
) -> None:
    template(
        client,
        text="{{transaction.merchantTransactionId}} {{amount}}: {{transaction.transactionItems[0].name}}",
    )
    load(environment, merchant, "Success", "Danke", "de")
    buyer = shop.reference(shop.account(client))
    for asked, language in ((True, None), (True, "DE"), (False, "DE")):
        order = sales.order(buyer, preferredNotificationLanguage=language)
        sales.sell(client, order, sendEmailNotification=asked)
    assert sandbox.mails() == []
    sandbox.bill()
    english, german = sorted(bodies(sandbox), key=len, reverse=True)
    assert re.fullmatch(r"\S+ [\d.]+: .+", english)
    assert german == "Danke"


def test_a_sent_notice_is_in_the_history_of_its_autobill(client: Client, sandbox: Sandbox) -> None:
    template(client, "Cancellation")
    bill = shop.subscribe(client).autobill
    sandbox.mails()
    window = {
        "timestamp": "2024-01-01T00:00:00Z",
        "endTimestamp": "2030-01-01T00:00:00Z",
        "page": 0,
        "pageSize": 10,
    }

    def told() -> list[str]:
        found = client("AutoBill").fetchDeltaSince(selectEvents=["NOTIFICATION"], **window)
        return [] if "returnCode" in found else [one.VID for one in found.autobills]

    assert told() == []
    client("AutoBill").cancel(autobill=shop.reference(bill), disentitle=False, force=True)
    assert len(sandbox.mails()) == 1
    assert told() == [bill.VID]


def test_no_mail_and_no_row_holds_a_card_number(client: Client, sandbox: Sandbox) -> None:
    template(client, text="{{paymentMethod.account}}{{paymentMethod.lastDigits}}{{paymentMethod}}{{account}}")
    shop.subscribe(client, shop.card())
    assert bodies(sandbox) == ["1111"]
    assert shop.CARD not in json.dumps([sandbox.mail(one["id"]) for one in sandbox.mails()])
