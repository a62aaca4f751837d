"""Service PaymentProvider: who moves the money, and what cannot be asked of them (payment-method §4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client


@pytest.mark.parametrize("name", ["Test", "Vindicia"])
def test_a_provider_is_found_by_the_name_that_transactions_carry(shared: Client, name: str) -> None:
    found = shared("PaymentProvider").fetchByName(name=name).paymentProvider

    assert (found.name, found.authExpirationDays) == (name, 7)
    assert (found.disputeAddress, found.authCurrencyOverride, found.nameValues) == (None, None, [])


def test_the_provider_of_a_sale_can_be_asked_for(client: Client) -> None:
    sold = shop.transactions(client, shop.subscribe(client).autobill)[0]

    found = client("PaymentProvider").fetchByName(name=sold.paymentProcessor).paymentProvider

    assert found.name == sold.paymentProcessor


def test_the_days_until_an_authorization_lapses_are_those_of_the_merchant(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.settings(authExpirationDays=10)

    assert client("PaymentProvider").fetchByName(name="Test").paymentProvider.authExpirationDays == 10


def test_a_provider_may_be_narrowed_to_its_name(shared: Client) -> None:
    found = shared("PaymentProvider").fetchByName(name="Test", srd='{"paymentProvider": {"name": ""}}')

    assert (found.paymentProvider.name, found.paymentProvider.authExpirationDays) == ("Test", None)


@pytest.mark.parametrize("name", ["test", "BOKU", "sandbox", "Τest"])
def test_another_name_is_unknown(shared: Client, name: str) -> None:
    refused = shared("PaymentProvider").expecting(404).fetchByName(name=name)

    assert shop.text(refused) == f'Unable to load PaymentProvider by name "{name}":  No match.'


def _ask(client: Client, expecting: int = 400, name: str = "BOKU", **fields: Any) -> str:
    given = {"requestType": "price", "requestArguments": []} | fields
    answer = (
        client("PaymentProvider").expecting(expecting).dataRequest(paymentProvider={"name": name}, **given)
    )
    return shop.text(answer)


@pytest.mark.parametrize("name", ["BOKU", "Test", "Paymentech"])
@pytest.mark.parametrize("kind", ["price", "service-price", "balance"])
def test_no_provider_takes_requests_of_its_own_kind(shared: Client, name: str, kind: str) -> None:
    sent = [{"name": "country", "value": "GB"}]

    refusal = _ask(shared, name=name, requestType=kind, requestArguments=sent)

    assert refusal == f"PaymentProvider {name} not supported"


@pytest.mark.parametrize("argument", ["merchant-id", "password", "sig", "timestamp", "Password"])
def test_what_proves_who_asks_may_not_be_sent_and_is_not_repeated(shared: Client, argument: str) -> None:
    sent = [{"name": "country", "value": "GB"}, {"name": argument, "value": "hunter2"}]

    refusal = _ask(shared, requestArguments=sent)

    assert refusal == f'requestArguments "{argument}" is not for the caller to send.'
