"""Account.fetchBy…: the ways to find accounts (account §2.2-§2.8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire

BAD_WINDOW = "Invalid value or values of time stamp, and/or page, and/or page size."

BY_ONE_KEY = [
    ("fetchByMerchantAccountId", "merchantAccountId", "merchantAccountId"),
    ("fetchByExternalId", "externalId", "externalId"),
    ("fetchByVid", "vid", "VID"),
]


@pytest.mark.parametrize(("operation", "parameter", "key"), BY_ONE_KEY)
def test_an_account_is_found_by_its_key(shared: Client, operation: str, parameter: str, key: str) -> None:
    account = shop.account(shared, externalId=shop.new_id("external"))

    found = getattr(shared("Account"), operation)(**{parameter: account[key]}).account

    assert str(found) == str(account)


@pytest.mark.parametrize(("operation", "parameter", "key"), BY_ONE_KEY)
def test_a_key_nobody_has_is_refused_with_two_blanks_after_the_colon(
    shared: Client, operation: str, parameter: str, key: str
) -> None:
    answer = getattr(shared("Account").expecting(400), operation)(**{parameter: "nobody's {key}"})

    assert answer["return"].returnString == f'Unable to load account by {key} "nobody\'s {{key}}":  No match.'
    assert answer.account is None


@pytest.mark.parametrize(("operation", "parameter", "key"), BY_ONE_KEY)
@pytest.mark.parametrize("form", ["", "<{0}/>", "<{0}>  </{0}>"])
def test_a_key_has_to_be_given(
    shared_wire: Wire, operation: str, parameter: str, key: str, form: str
) -> None:
    reply = shared_wire.call("Account", operation, form.format(parameter))

    assert (reply.code, reply.text) == (400, f"Must specify {key} to load by!")


def test_a_merchant_id_is_no_vid_and_an_external_id_no_merchant_id(shared: Client) -> None:
    account = shop.account(shared, externalId=shop.new_id("external"))

    shared("Account").expecting(400).fetchByVid(vid=account.merchantAccountId)
    shared("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=account.externalId)
    shared("Account").expecting(400).fetchByMerchantAccountId(
        merchantAccountId=account.merchantAccountId.upper()
    )


def emails(client: Client, address: str) -> list[str]:
    return [
        account.merchantAccountId for account in client("Account").fetchByEmail(emailAddress=address).accounts
    ]


def test_every_account_with_the_address_is_found_the_last_modified_first(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-01-01T10:00:00")
    first, second, _ = (
        shop.account(client, emailAddress=address)
        for address in ("Ada@Example.org", "ada@example.ORG", "bea@example.org")
    )
    sandbox.set_clock("2024-01-02T10:00:00")
    client("Account").update(account={"VID": first.VID, "name": "changed"})
    assert emails(client, "ADA@example.org") == [first.merchantAccountId, second.merchantAccountId]

    sandbox.set_clock("2024-01-03T10:00:00")
    client("Account").update(account={"VID": second.VID, "name": "changed later"})
    assert emails(client, "ada@example.org") == [second.merchantAccountId, first.merchantAccountId]


def test_a_part_of_an_address_finds_nothing(shared: Client) -> None:
    shop.account(shared, emailAddress="ada@example.org")

    for part in ("ada", "ada@example.or", "%", "ada@example_org"):
        answer = shared("Account").expecting(404).fetchByEmail(emailAddress=part)
        assert answer["return"].returnString == f'Unable to load account by emailAddress "{part}":  No match.'
        assert answer.accounts == []


@pytest.mark.parametrize("form", ["", "<emailAddress/>"])
def test_an_email_address_has_to_be_given(shared_wire: Wire, form: str) -> None:
    reply = shared_wire.call("Account", "fetchByEmail", form)

    assert (reply.code, reply.text) == (400, "Must specify email address to load by!")


@pytest.fixture
def a_week(client: Client, sandbox: Sandbox) -> list[str]:
    """Seven accounts, one a day from 2024-01-01T10:00 Pacific time; their ids."""
    ids = []
    for day in range(1, 8):
        sandbox.set_clock(f"2024-01-0{day}T10:00:00")
        ids.append(shop.account(client).merchantAccountId)
    return ids


def created(client: Client, since: str, until: str, **paging: Any) -> list[str]:
    answer = client("Account").fetchCreatedSince(
        timestamp=_moment(since), endTimestamp=_moment(until), **paging
    )
    return [account.merchantAccountId for account in answer.accounts]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}-08:00")


def test_a_window_holds_its_beginning_but_not_its_end(client: Client, a_week: list[str]) -> None:
    assert created(client, "2024-01-02T10:00:00", "2024-01-04T10:00:00") == a_week[1:3]
    assert created(client, "2024-01-02T10:00:01", "2024-01-04T10:00:01") == a_week[2:4]


def test_pages_follow_one_another_until_nothing_is_found(client: Client, a_week: list[str]) -> None:
    window = ("2024-01-01T00:00:00", "2024-02-01T00:00:00")

    pages = [created(client, *window, page=number, pageSize=3) for number in range(3)]

    assert pages == [a_week[:3], a_week[3:6], a_week[6:]]
    beyond = (
        client("Account")
        .expecting(400)
        .fetchCreatedSince(timestamp=_moment(window[0]), endTimestamp=_moment(window[1]), page=3, pageSize=3)
    )
    assert beyond["return"].returnString == "No matching records found."
    assert beyond.accounts == []


def test_each_part_of_the_paging_has_its_default(client: Client, a_week: list[str]) -> None:
    window = ("2024-01-01T00:00:00", "2024-02-01T00:00:00")

    assert created(client, *window) == a_week
    assert created(client, *window, pageSize=2) == a_week[:2]
    client("Account").expecting(400).fetchCreatedSince(
        timestamp=_moment(window[0]), endTimestamp=_moment(window[1]), page=1
    )


def test_an_absent_or_empty_end_means_now(
    client: Client, wire: Wire, a_week: list[str], sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-01-08T10:00:00")
    for end in ("", "<endTimestamp/>"):
        reply = wire.call("Account", "fetchCreatedSince", f"<timestamp>2024-01-06T00:00:00</timestamp>{end}")
        assert reply.values("accounts/merchantAccountId") == a_week[5:]


def test_an_empty_window_finds_nothing(client: Client) -> None:
    shop.account(client)
    moment = datetime.fromisoformat("2020-01-01T00:00:00+00:00")

    for end in (moment, moment + timedelta(days=1)):
        answer = client("Account").expecting(400).fetchCreatedSince(timestamp=moment, endTimestamp=end)
        assert answer["return"].returnString == "No matching records found."


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "<timestamp/>",
        "<timestamp>2024-01-02</timestamp><endTimestamp>2024-01-01</endTimestamp>",
        "<timestamp>2024-01-01</timestamp><page>-1</page>",
        "<timestamp>2024-01-01</timestamp><pageSize>0</pageSize>",
        "<timestamp>2024-01-01</timestamp><pageSize>-5</pageSize>",
        "<timestamp>9999-01-01</timestamp>",
    ],
)
def test_a_window_or_paging_that_makes_no_sense_is_refused(shared_wire: Wire, arguments: str) -> None:
    reply = shared_wire.call("Account", "fetchCreatedSince", arguments)

    assert (reply.code, reply.text) == (400, BAD_WINDOW)


@pytest.mark.parametrize("size", [10_000, 2**31 - 1])
def test_a_large_page_size_is_not_refused(client: Client, size: int) -> None:
    account = shop.account(client)
    since = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    until = datetime.fromisoformat("2200-01-01T00:00:00+00:00")

    answer = client("Account").fetchCreatedSince(timestamp=since, endTimestamp=until, page=0, pageSize=size)
    assert [found.VID for found in answer.accounts] == [account.VID]
    client("Account").expecting(400).fetchCreatedSince(
        timestamp=since, endTimestamp=until, page=2**31 - 1, pageSize=size
    )


def test_an_account_shows_its_active_payment_methods_by_order_of_preference(shared: Client) -> None:
    account = shop.account(
        shared,
        paymentMethods=[
            shop.card(merchantPaymentMethodId=shop.new_id("first")),
            shop.bank_account(active=False),
            shop.paypal(),
        ],
    )

    assert [(method.type, method.sortOrder) for method in account.paymentMethods] == [
        ("CreditCard", 0),
        ("PayPal", 1),
    ]
