"""A server that is killed while it works: what was answered is kept, what was not is whole or absent, nothing twice."""

from __future__ import annotations

import http.client
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.conftest import Client
from tests.reliability.conftest import Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.servers import Server, forked
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login, envelope

WORKERS = 6
ENOUGH = 20
"""Answers after which the process is killed."""


@dataclass
class Sent:
    """Payments of 1.00 that were sent, and those that were answered with success: cheques with their AutoBill."""

    cheques: dict[str, Any] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    cards: int = 0
    answered_cards: int = 0


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def payment(autobill: Any, method: str) -> str:
    return (
        f'<autobill xmlns=""><VID>{autobill.VID}</VID></autobill><paymentMethod xmlns="">{method}</paymentMethod>'
        '<amount xmlns="">1.00</amount>'
    )


def cheque(payment_id: str) -> str:
    return (
        "<type>MerchantAcceptedPayment</type><merchantAcceptedPayment><paymentType>Cheque</paymentType>"
        f"<paymentId>{payment_id}</paymentId></merchantAcceptedPayment>"
    )


CARD = (
    f"<type>CreditCard</type><creditCard><account>{shop.CARD}</account>"
    f"<expirationDate>{shop.EXPIRY}</expirationDate></creditCard>"
)


def succeeded(server: Server, merchant: Login, arguments: str) -> bool | None:
    """Whether the payment was answered with success; None without an answer."""
    try:
        answer = server.post(envelope(merchant, "AutoBill", "makePayment", arguments))
    except (OSError, http.client.HTTPException):
        return None
    return etree.fromstring(answer.body).findtext(".//returnCode") == "200"


def pay_until_it_dies(server: Server, merchant: Login, autobills: list[Any]) -> Sent:
    """Cheques and cards by turns on several accounts, until the process is killed in the middle of them."""
    sent, noting, enough = Sent(), threading.Lock(), threading.Event()

    def work(autobill: Any) -> None:
        for number in range(10_000):
            by_card, payment_id = number % 3 == 0, shop.new_id("cheque")
            with noting:
                sent.cards += by_card
                sent.cheques |= {} if by_card else {payment_id: autobill}
            done = succeeded(server, merchant, payment(autobill, CARD if by_card else cheque(payment_id)))
            if done is None:
                return
            assert done
            with noting:
                sent.answered_cards += by_card
                sent.answered |= set() if by_card else {payment_id}
                if sent.answered_cards + len(sent.answered) >= ENOUGH:
                    enough.set()

    threads = [threading.Thread(target=work, args=(autobills[n % len(autobills)],)) for n in range(WORKERS)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    server.process.send_signal(signal.SIGKILL)
    for thread in threads:
        thread.join()
    return sent


def test_payments_survive_a_kill_under_load(
    client: Client,
    server: Server,
    merchant: Login,
    tmp_path: Path,
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    books_are_right: Callable[[], None],
) -> None:
    dear = shop.product(client, "100000.00")
    autobills = [
        shop.subscribe(
            client, shop.invoiced(), items=[{"product": shop.reference(dear)}], invoiceTerms=30
        ).autobill
        for _ in range(3)
    ]
    with forked(server.kind, server.database_url, tmp_path, ends_with=-signal.SIGKILL) as doomed:
        sent = pay_until_it_dies(doomed, merchant, autobills)
    assert sent.answered
    assert sent.answered_cards
    books_are_right()

    settle()
    sandbox.bill()
    made = [one for autobill in autobills for one in shop.transactions(client, autobill)]
    booked = [one for one in made if one.statusLog[0].status == "Captured"]
    assert {one.statusLog[0].status for one in made} <= {"Captured", "Cancelled"}
    cheques = [
        one.sourcePaymentMethod.merchantAcceptedPayment.paymentId
        for one in booked
        if one.sourcePaymentMethod.type == "MerchantAcceptedPayment"
    ]
    assert len(cheques) == len(set(cheques))
    assert sent.answered <= set(cheques) <= sent.cheques.keys()
    cards = len(booked) - len(cheques)
    assert sent.answered_cards <= cards <= sent.cards
    assert at_processor.held == [Decimal("1.00")] * cards
    owed = sum(shop.due(client, autobill, shop.invoices(client, autobill)[0]) for autobill in autobills)
    assert owed == 300_000 - len(booked)

    unheard = sent.cheques.keys() - sent.answered
    for payment_id in [*unheard, *sorted(sent.answered)[:5]]:
        again = succeeded(server, merchant, payment(sent.cheques[payment_id], cheque(payment_id)))
        assert again is (payment_id not in cheques)
    books_are_right()
