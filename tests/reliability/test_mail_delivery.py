"""Mails reach a mail server once, whatever it does: it refuses, hangs up, is gone, or is asked by many at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import letters, mailbag, operators, sending
from cashbox_service.domain.errors import IllegalState, MailNotFound
from cashbox_service.settings import Settings
from cashbox_service.store.entities import Mail
from cashbox_service.worker import billing_worker
from cashbox_service.wsgi import build_environment
from tests.conftest import Client, _new_merchant
from tests.mail_server import Postbox, mail_server
from tests.servers import VAULT_KEY, Server
from tests.services import shop
from tests.soap_client import Login

ADDRESS = "desk@example.com"


class Clock:
    """Real time that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Office:
    """A process that sends, and the server it sends to."""

    env: Environment
    merchant: MerchantContext
    clock: Clock
    postbox: Postbox

    def queue(self, *keys: str, address: str = ADDRESS, text: str = "Look") -> None:
        with closing(self.env.open(self.merchant)) as work, work.writing():
            for key in keys:
                operators.tell_operator(work, address, f"Subject {key}", text, key=key)

    def send(self, **later: float) -> int:
        self.clock.ahead += timedelta(**later)
        return sending.send(self.env, [self.merchant])

    def states(self) -> dict[str, tuple[str, int]]:
        """State and number of attempts of each mail by its subject."""
        mails = mailbag.listed(self.env, self.merchant)
        return {one["subject"].removeprefix("Subject "): (one["state"], one["attempts"]) for one in mails}


@contextmanager
def office(server: Server, merchant: Login, postbox: Postbox, **settings: Any) -> Iterator[Office]:
    given: dict[str, Any] = {
        "database_url": server.database_url,
        "vault_key": VAULT_KEY,
        "smtp_host": "127.0.0.1",
        "smtp_port": postbox.port,
        "smtp_tls": "none",
        "smtp_seconds": 2,
        "mail_sender": "Billing <billing@example.com>",
    }
    env = build_environment(Settings(**(given | settings)))
    env.clock = clock = Clock()
    try:
        yield Office(env, env.merchant(merchant.login), clock, postbox)
    finally:
        env.close()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def desk(server: Server, merchant: Login, postbox: Postbox) -> Iterator[Office]:
    with office(server, merchant, postbox) as made:
        yield made


def test_mails_are_sent_once_over_one_connection(desk: Office) -> None:
    desk.queue("1", "2", "3")
    desk.queue("2")
    assert (desk.send(), desk.send(), desk.send(days=1)) == (3, 0, 0)
    assert sorted(desk.postbox.subjects()) == ["Subject 1", "Subject 2", "Subject 3"]
    assert desk.postbox.connections == 1
    assert desk.states() == dict.fromkeys("123", ("sent", 1))


def test_an_invoice_goes_out_as_a_document_with_the_merchants_date(
    client: Client, server: Server, merchant: Login, desk: Office
) -> None:
    account = shop.account(client, name="Ada Ärger", emailAddress="Ada <ada@example.org>")
    shop.subscribe(client, shop.invoiced(), account=shop.reference(account), statementFormat="Attachment")
    desk.merchant = replace(desk.env.merchant(merchant.login))
    letters.write(desk.env, desk.merchant)
    assert desk.send() == 1
    [message] = desk.postbox.messages
    [mail] = mailbag.listed(desk.env, desk.merchant)
    assert (str(message["From"]), str(message["To"])) == (
        "Billing <billing@example.com>",
        "Ada <ada@example.org>",
    )
    assert message["Date"].datetime == mail["date"].replace(microsecond=0)
    assert str(message["Message-ID"]) == f"<{mail['id']}@example.com>"
    body = message.get_body()
    assert body is not None
    assert "Dear Ada Ärger" in body.get_content()
    [document] = message.iter_attachments()
    assert document.get_content_type() == "application/pdf"
    assert document.get_content().startswith(b"%PDF-")
    assert shop.CARD not in str(message)


def test_what_is_refused_for_now_is_tried_again_later_and_what_is_refused_for_good_is_not(
    desk: Office,
) -> None:
    desk.postbox.refusals = ["451 try later", "550 nobody here"]
    desk.queue("later")
    desk.queue("never")
    assert desk.send() == 0
    assert desk.states() == {"later": ("queued", 1), "never": ("failed", 1)}
    assert desk.send(seconds=50) == 0
    assert desk.send(seconds=15) == 1
    assert desk.states() == {"later": ("sent", 2), "never": ("failed", 1)}
    failed = mailbag.listed(desk.env, desk.merchant, state="failed")
    assert failed[0]["error"] == "550 nobody here"


def test_the_worker_sends_in_its_rounds(desk: Office) -> None:
    desk.queue("of the worker")
    billing_worker(desk.env)._jobs["mail"]()
    assert "Subject of the worker" in desk.postbox.subjects()


def test_a_mail_that_is_refused_again_and_again_is_given_up(desk: Office) -> None:
    desk.queue("1")
    desk.postbox.refusals = ["451 no"] * 20
    for _ in range(12):
        desk.send(days=2)
    assert desk.states() == {"1": ("failed", 9)}
    mailbag.resend(desk.env, desk.merchant, [mailbag.listed(desk.env, desk.merchant)[0]["id"]])
    desk.postbox.refusals = []
    assert desk.send() == 1


def test_a_server_that_is_gone_or_hangs_up_costs_one_try_and_loses_nothing(desk: Office) -> None:
    desk.queue("1", "2")
    desk.postbox.hangs_up = True
    assert desk.send() == 0
    assert sorted(desk.states().values()) == [("queued", 0), ("queued", 1)]
    assert desk.postbox.connections == 1
    desk.postbox.hangs_up = False
    assert desk.send(minutes=2) == 2


def test_what_a_dead_worker_had_claimed_is_sent_by_another_when_its_time_is_over(desk: Office) -> None:
    desk.queue("1")
    assert len(sending._claim(desk.env, desk.merchant)) == 1
    assert desk.send() == 0
    assert desk.send(minutes=11) == 1
    assert desk.states() == {"1": ("sent", 2)}


def test_several_workers_send_each_mail_once(server: Server, merchant: Login, postbox: Postbox) -> None:
    with office(server, merchant, postbox) as first, office(server, merchant, postbox) as second:
        first.queue(*(str(number) for number in range(30)))
        threads = [threading.Thread(target=one.send) for one in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        first.send()
        assert sorted(postbox.subjects()) == sorted(f"Subject {number}" for number in range(30))


def test_nothing_that_is_written_into_a_mail_becomes_a_header(desk: Office) -> None:
    desk.queue("x\r\nBcc: evil@example.com", text="a\r\n.\r\nQUIT\r\n")
    desk.queue("to", address="ada@example.com\r\nBcc: evil@example.com")
    assert desk.send() == 1
    [message] = desk.postbox.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "Subject x Bcc: evil@example.com"
    assert message.get_content().replace("\r\n", "\n") == "a\n.\nQUIT\n"
    assert desk.states()["to"] == ("failed", 0)


def test_without_a_server_mails_are_kept_until_there_is_one(
    server: Server, merchant: Login, postbox: Postbox
) -> None:
    with office(server, merchant, postbox, smtp_host=None) as mute:
        mute.queue("1")
        assert (mute.send(), mute.states()) == (0, {"1": ("kept", 0)})
        mail_id = mailbag.listed(mute.env, mute.merchant)[0]["id"]
        with pytest.raises(IllegalState, match="CASHBOX_SMTP_HOST"):
            mailbag.resend(mute.env, mute.merchant, [mail_id])
    with office(server, merchant, postbox) as desk:
        mailbag.resend(desk.env, desk.merchant, [mail_id])
        assert desk.send() == 1


def test_a_production_service_without_a_sender_says_so(
    server: Server, merchant: Login, postbox: Postbox
) -> None:
    with office(server, merchant, postbox, mode="production", mail_sender=None) as desk:
        desk.queue("1")
        assert mailbag.listed(desk.env, desk.merchant)[0]["error"].startswith("no sender")


def test_a_mail_of_another_merchant_can_be_neither_seen_nor_sent(server: Server, desk: Office) -> None:
    desk.queue("1")
    mail_id = mailbag.listed(desk.env, desk.merchant)[0]["id"]
    other = desk.env.merchant(_new_merchant(server).login)
    assert mailbag.listed(desk.env, other) == []
    with pytest.raises(MailNotFound):
        mailbag.shown(desk.env, other, mail_id)
    with pytest.raises(MailNotFound):
        mailbag.resend(desk.env, other, [mail_id])


def test_old_mails_are_forgotten(desk: Office) -> None:
    desk.queue("1")
    desk.send()
    desk.queue("2")
    desk.send(days=100)
    assert desk.states() == {"2": ("sent", 1)}


def test_a_password_and_a_refused_log_in_stay_secret(
    server: Server, merchant: Login, postbox: Postbox
) -> None:
    secret = {"smtp_user": "shop", "smtp_password": "p4ssw0rd"}
    with office(server, merchant, postbox, **secret) as desk:
        desk.queue("1")
        desk.send()
        [mail] = mailbag.listed(desk.env, desk.merchant)
        assert mail["state"] == "queued"
        assert "p4ssw0rd" not in mail["error"]
        with closing(desk.env.open(desk.merchant)) as work:
            rows = work.uow.session.scalars(select(Mail).where(Mail.merchant_vid == merchant.vid)).all()
            assert "p4ssw0rd" not in repr([row.__dict__ for row in rows])


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_without_encryption_gets_no_mail_that_is_to_be_encrypted(
    server: Server, merchant: Login, postbox: Postbox, tls: str
) -> None:
    with office(server, merchant, postbox, smtp_tls=tls) as desk:
        desk.queue("1")
        assert desk.send() == 0
        assert desk.states() == {"1": ("queued", 1)}
        assert postbox.messages == []
