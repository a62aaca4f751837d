"""``PUT /sandbox/processor``: what the sandbox processor answers to the requests to come."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Answer, Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

MEMBERS = "operation, authCode, hard, avsCode, cvnCode, approvedAmount, pending, timeOut, latencySeconds"
Put = Callable[[Any], Answer]


@pytest.fixture
def put(server: Server, merchant: Login) -> Put:
    """Sends a body as this test's merchant."""
    credentials = b64encode(f"{merchant.login}:{merchant.password}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    return lambda body: server.request("PUT", "/sandbox/processor", json.dumps(body).encode(), headers)


def validate(client: Client, expecting: int = 200) -> Any:
    """A new card on a new account, proved with the processor."""
    return (
        client("Account")
        .expecting(expecting)
        .updatePaymentMethod(
            account=shop.reference(shop.account(client)),
            paymentMethod=shop.card(),
            updateBehavior="Validate",
            updateScopeOnAccount="None",
            updateScopeOnChildren="None",
            ignoreAvsPolicy=False,
            ignoreCvnPolicy=False,
        )
    )


def test_outcomes_are_used_once_each_in_their_order(client: Client, sandbox: Sandbox) -> None:
    sandbox.script({"authCode": "302"}, {"authCode": "502"})
    validate(client, expecting=402)
    validate(client, expecting=402)
    validate(client)


def test_the_answer_lists_what_is_waiting(put: Put) -> None:
    outcomes = [{"operation": "capture", "authCode": "302"}, {"timeOut": "answer", "latencySeconds": 0.5}]
    answer = put({"outcomes": outcomes})
    assert (answer.status, answer.json()) == (200, {"outcomes": outcomes})


def test_a_new_script_replaces_what_is_waiting(client: Client, sandbox: Sandbox) -> None:
    sandbox.script({"authCode": "502"})
    sandbox.script()
    validate(client)


def test_a_script_is_read_by_every_process_of_the_service(
    client: Client, sandbox: Sandbox, server: Server, merchant: Login
) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    autobill = shop.subscribe(client).autobill
    sandbox.script({"operation": "authorize", "authCode": "302"})
    sandbox.set_clock("2024-02-15T12:00:00")
    run = server.command("bill", "--until", "2024-02-15T12:00:00-08:00", "--merchant", merchant.login)
    assert run.returncode == 0
    assert [made.statusLog[0].status for made in shop.transactions(client, autobill)] == [
        "Captured",
        "Cancelled",
    ]


def test_another_merchants_requests_are_not_concerned(
    put: Put, client: Client, module_merchant: Login, server: Server
) -> None:
    other = Sandbox(server, module_merchant)
    other.script({"authCode": "502"})
    validate(client)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Missing required parameter 'outcomes'."),
        ({"outcomes": {}}, 'outcomes "{}" is not a list of objects.'),
        ({"outcomes": ["302"]}, "outcomes \"['302']\" is not a list of objects."),
        (
            {"outcomes": [{"authcode": "302"}]},
            f'outcome "authcode" is not one of {MEMBERS}.',
        ),
        ({"outcomes": [{}, {"timeOut": "never"}]}, 'timeOut "never" is not one of request, answer.'),
        ({"outcomes": [{}] * 1001}, 'outcomes "1001" are more than 1000.'),
    ],
)
def test_what_makes_no_sense_is_refused(put: Put, body: Any, text: str) -> None:
    answer = put(body)
    assert (answer.status, answer.json()) == (400, {"error": text})
