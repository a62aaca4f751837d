"""After a shop has taken cards by every way it can, their numbers lie nowhere: no column, no file, no log, no page.

Numbers are made up for the run, so that whatever is found is theirs. What the vault keeps of a card is encrypted and is
searched as well.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select

from cashbox_service.domain.instruments import luhn_valid
from tests.servers import Server
from tests.services import hosted, pay_page, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

CVN = "8642"


def new_card() -> str:
    """The number of a card that nobody else in these tests has."""
    start = "3782" + "".join(str(secrets.randbelow(10)) for _ in range(10))
    return next(number for digit in range(10) if luhn_valid(number := f"{start}{digit}"))


def rows(server: Server, merchant: Login) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row that is the merchant's or nobody's, of every table, with the table's name."""
    engine = create_engine(server.database_url.replace("postgresql://", "postgresql+psycopg://"))
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            owner = table.columns.get("merchant_vid")
            chosen = select(table) if owner is None else select(table).where(owner == merchant.vid)
            for row in connection.execute(chosen).mappings():
                yield table.name, dict(row)
    engine.dispose()


def written(number: str) -> re.Pattern[str]:
    """The number in any grouping."""
    return re.compile(r"[\s-]?".join(number))


def is_written_in(pattern: re.Pattern[str], raw: bytes) -> bool:
    return re.search(pattern.pattern.encode(), raw) is not None


@pytest.fixture
def pages() -> list[str]:
    """What browsers were shown."""
    return []


def sell(client: Client, server: Server, number: str, pages: list[str], method: str, way: str) -> None:
    """One purchase from the form to its end."""
    private, parameters = hosted.sale(), {}
    if method == "AutoBill_Update":
        parameters = {"AutoBill_Update_immediateAuthFailurePolicy": "doNotSaveAutoBill"}
        private = {
            "vin_Account_merchantAccountId": shop.new_id("account"),
            "vin_AutoBill_currency": "USD",
            "vin_AutoBill_merchantAutoBillId": shop.new_id("bill"),
            "vin_AutoBill_items_0_Product_merchantProductId": shop.product(client).merchantProductId,
            "vin_BillingPlan_merchantBillingPlanId": shop.plan(client).merchantBillingPlanId,
        }
    session = hosted.initialize(client, method, private, parameters)
    if way == "page":
        card = pay_page.CARD | {"number": number, "cvn": CVN}
        mistaken = pay_page.send(server, session, card | {"city": ""})
        sent = pay_page.send(server, session, card)
        assert sent.way_on is not None
        pages += [mistaken.answer.body.decode(), sent.answer.body.decode(), str(sent.answer.headers)]
    else:
        card = hosted.CARD | {
            "vin_PaymentMethod_creditCard_account": number,
            "vin_PaymentMethod_nameValues_cvn": CVN,
            "note": f"{number[:4]} {number[4:10]} {number[10:]}",
        }
        answer = hosted.post(server, session, card)
        pages += [answer.body.decode(), str(answer.headers)]
    pages.append(str(hosted.fetched(client, session)))
    done = hosted.finalize(client, session)
    assert done.apiReturn.returnCode == 200
    pages += [str(done), pay_page.opened(server, session).answer.body.decode()]


def test_numbers_of_cards_are_stored_and_shown_nowhere(
    client: Client, server: Server, merchant: Login, sandbox: Sandbox, pages: list[str]
) -> None:
    numbers = [new_card() for _ in range(5)]
    sell(client, server, numbers[0], pages, "Transaction_AuthCapture", "page")
    sell(client, server, numbers[1], pages, "Transaction_Auth", "own form")
    sell(client, server, numbers[2], pages, "AutoBill_Update", "page")
    # Two that are never finalized: one accepted, one refused.
    for number, type_ in ((numbers[3], "CreditCard"), (numbers[4], "Shells")):
        session = hosted.initialize(client, "PaymentMethod_Validate")
        card = {"vin_PaymentMethod_creditCard_account": number, "vin_PaymentMethod_nameValues_cvn": CVN}
        hosted.post(server, session, hosted.CARD | card | {"vin_PaymentMethod_type": type_})
    sandbox.advance(31)

    patterns = [written(number) for number in numbers]
    cvn = re.compile(rf"(?<![0-9A-Za-z]){CVN}(?![0-9A-Za-z])")
    found = []
    seen: set[str] = set()
    for table, row in rows(server, merchant):
        is_ours = "merchant_vid" in row
        seen |= {table} if is_ours else set()
        for column, value in row.items():
            text = str(value)
            if any(pattern.search(text) for pattern in patterns) or (is_ours and cvn.search(text)):
                found.append(f"{table}.{column}")
    assert found == []
    assert {"cards", "web_sessions", "outbox_events", "transactions", "payment_methods"} <= seen

    kept = [server.log.read_bytes()]
    if server.database_url.startswith("sqlite:///"):
        path = Path(server.database_url.removeprefix("sqlite:///"))
        kept += [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]
    assert not [pattern for pattern in patterns if any(is_written_in(pattern, raw) for raw in kept)]
    shown = "\n".join(pages)
    assert not [pattern for pattern in patterns if pattern.search(shown)]
    assert not cvn.search(shown)
