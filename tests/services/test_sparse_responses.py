"""Sparse response descriptions through the services: what is left out, and what never is (conventions §8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from cashbox_service.contract import load
from tests.servers import Server
from tests.services import chargebacks, refunds, shop, usage
from tests.services.sandbox import Sandbox
from tests.services.sparse import Sparse, shape
from tests.services.wire import Reply, reply
from tests.soap_client import Login, ServiceClient, envelope

EXAMPLES = (
    '{"account":{"name":"","emailAddress":""}}',
    '{"account":["name",{"shippingAddress":["city","country"]}]}',
    '{"account":{"paymentMethods":[{"merchantPaymentMethodId":"","creditCard":{"lastDigits":""}}]}}',
    '{"account":{"paymentMethods":{"VID":""}}}',
    '{"account":{"paymentMethods":[{"VID":""}]}}',
    '{"account":{"taxExemptions":{"exemptionId":1}}}',
    '{"account":{"nameValues":{"name":null}}}',
    '{"account":{"nameValues":{}}}',
    '{"account":{"shippingAddress":{}}}',
    '{"account":{"shippingAddress":false,"name":true}}',
    '{"account":{"name":false}}',
    '{"account":""}',
    '{"account":null}',
    '{"account":false}',
    '{"account":[]}',
    "{}",
    '{"return":""}',
    '{"name":"","nonsense":""}',
    '{"VID":"","name":""}',
    '{"paymentMethods":["active"]}',
    '{"account":{"Name":"","NAME":""}}',
    ' { "account" : { "name" : "x" } } ',
)
MALFORMED = (
    "account",
    "[]",
    '"account"',
    "12",
    "null",
    "{",
    '{"account":',
    "{'account':''}",
    "{} x",
    '{"account":NaN}',
)

OPERATIONS = (
    ("Account", "fetchByVid"),
    ("Account", "fetchByEmail"),
    ("PaymentMethod", "fetchByVid"),
    ("PaymentMethod", "fetchByAccount"),
    ("Transaction", "fetchByVid"),
    ("Transaction", "fetchByAutobill"),
    ("Transaction", "score"),
    ("Transaction", "calculateSalesTax"),
    ("PaymentProvider", "fetchByName"),
    ("Address", "fetchByVid"),
    ("AutoBill", "fetchByVid"),
    ("AutoBill", "fetchFutureRebills"),
    ("Entitlement", "fetchByAccount"),
    ("Product", "fetchByVid"),
    ("Chargeback", "fetchByVid"),
    ("Refund", "fetchByVid"),
    ("Refund", "fetchByTransaction"),
    ("BillingPlan", "fetchByVid"),
    ("RatePlan", "fetchByVid"),
    ("RatePlan", "fetchEvents"),
    ("RatePlan", "fetchUnbilledRatedUnitsTotal"),
)


class Shopkeeper:
    """A merchant with one customer, and the arguments by which everything of that customer is found."""

    def __init__(self, server: Server, login: Login) -> None:
        self._server = server
        self._login = login
        client = lambda service: ServiceClient(server, login, service)  # noqa: E731
        self.account = shop.account(
            client,
            externalId="external",
            defaultCurrency="USD",
            preferredLanguage="EN",
            company="Engines",
            taxType="business",
            shippingAddress={
                "name": "Ada",
                "addr1": "1 Main St",
                "city": "London",
                "country": "GB",
                "latitude": "51.5",
            },
            nameValues=[{"name": "colour", "value": "blue"}, {"name": "size", "value": "L"}],
            taxExemptions=[{"region": "GB", "exemptionId": "1", "active": True}],
            paymentMethods=[
                shop.card(
                    merchantPaymentMethodId="card",
                    billingAddress={"city": "London"},
                    accountHolderName="Ada",
                    nameValues=[{"name": "n", "value": "v"}],
                ),
                shop.bank_account(),
                shop.paypal(),
                shop.invoiced(amount="0.00", currency="USD", note="n"),
            ],
        )
        owner = shop.reference(self.account)
        pairs: dict[str, Any] = {"nameValues": [{"name": "n", "value": "v"}]}
        rights: dict[str, Any] = {"merchantEntitlementIds": [{"id": "gold", "description": "Gold"}]}
        plan = shop.plan(
            client, shop.month("1.00", expireWarningDays=3), taxClassification="DM1", **pairs, **rights
        )
        granted = {
            "currencyAmounts": [{"currency": "USD", "amount": "1.00", "reason": "r"}],
            "timeIntervals": [{"days": 1}],
        }
        product = shop.product(
            client, "9.00", creditGranted=granted, defaultBillingPlan=shop.reference(plan), **pairs, **rights
        )
        items = [{"index": 0, "product": shop.reference(product), **pairs}]
        card = shop.reference(self.account.paymentMethods[0])
        bill = shop.subscribe(
            client, card, account=owner, billingPlan=shop.reference(plan), items=items, **pairs
        ).autobill
        transaction = shop.transactions(client, bill)[0]
        scored = (
            "<transaction><merchantTransactionId>scored</merchantTransactionId><timestamp>2024-01-01T00:00:00Z</timestamp>"
            f"<account><VID>{self.account.VID}</VID></account>"
            f"<sourcePaymentMethod><VID>{self.account.paymentMethods[0].VID}</VID></sourcePaymentMethod>"
            "<transactionItems><sku>s</sku><name>n</name><price>10.00</price><quantity>1</quantity></transactionItems>"
            "<sourceIp>192.0.2.1</sourceIp></transaction>"
        )
        Sandbox(server, login).tax(
            {"country": "GB", "rate": "0.1", "jurisdiction": "COUNTRY_GB", "name": "VAT"}
        )
        fees = {"minimumFee": [{"amount": "1.00"}], "maximumFee": [{"amount": "9.00"}]}
        rate_plan = usage.plan(client, **fees, **pairs)
        rated = usage.subscribe(client, rate_plan)
        usage.record(client, rated, "5", "12", description="Call", **pairs)
        refund = refunds.perform(client, refunds.of(transaction, strategy="RemainingBalance", **pairs))
        disputed = chargebacks.update(client, chargebacks.of(transaction, caseNumber="c", note="n", **pairs))
        self.arguments = {
            "Chargeback.fetchByVid": f"<vid>{disputed.VID}</vid>",
            "Account.fetchByVid": f"<vid>{self.account.VID}</vid>",
            "Account.fetchByEmail": f"<emailAddress>{self.account.emailAddress}</emailAddress>",
            "PaymentMethod.fetchByVid": f"<vid>{self.account.paymentMethods[0].VID}</vid>",
            "PaymentMethod.fetchByAccount": f"<account><VID>{self.account.VID}</VID></account>",
            "Transaction.fetchByVid": f"<vid>{transaction.VID}</vid>",
            "Transaction.score": scored,
            "Transaction.calculateSalesTax": scored,
            "PaymentProvider.fetchByName": "<name>Test</name>",
            "Transaction.fetchByAutobill": f"<autobill><VID>{bill.VID}</VID></autobill>",
            "AutoBill.fetchByVid": f"<vid>{bill.VID}</vid>",
            "AutoBill.fetchFutureRebills": f"<autobill><VID>{bill.VID}</VID></autobill><quantity>2</quantity>",
            "Entitlement.fetchByAccount": f"<account><VID>{self.account.VID}</VID></account>",
            "Refund.fetchByVid": f"<vid>{refund.VID}</vid>",
            "Refund.fetchByTransaction": f"<transaction><VID>{transaction.VID}</VID></transaction>",
            "Product.fetchByVid": f"<vid>{product.VID}</vid>",
            "BillingPlan.fetchByVid": f"<vid>{plan.VID}</vid>",
            "RatePlan.fetchByVid": f"<vid>{rate_plan.VID}</vid>",
            "RatePlan.fetchEvents": f"<autobill><VID>{rated.VID}</VID></autobill>",
            "RatePlan.fetchUnbilledRatedUnitsTotal": f"<autobill><VID>{rated.VID}</VID></autobill>",
            "Address.fetchByVid": f"<vid>{self.account.shippingAddress.VID}</vid>",
        }
        self._complete: dict[str, Reply] = {}

    def ask(self, service: str, operation: str, description: str, arguments: str | None = None) -> Reply:
        given = self.arguments[f"{service}.{operation}"] if arguments is None else arguments
        body = envelope(self._login, service, operation, given)
        text = description.replace("&", "&amp;").replace("<", "&lt;")
        answer = self._server.post(body.replace(b'<srd xmlns=""></srd>', f"<srd>{text}</srd>".encode()))
        return reply(answer.status, answer.body)

    def complete(self, service: str, operation: str) -> etree._Element:
        key = f"{service}.{operation}"
        if key not in self._complete:
            self._complete[key] = self.ask(service, operation, "")
        return self._complete[key].body


@pytest.fixture(scope="module")
def keeper(server: Server, module_merchant: Login) -> Shopkeeper:
    return Shopkeeper(server, module_merchant)


@pytest.mark.parametrize("description", EXAMPLES)
def test_what_is_not_asked_for_is_left_out(keeper: Shopkeeper, description: str) -> None:
    answer = keeper.ask("Account", "fetchByVid", description)

    complete = keeper.complete("Account", "fetchByVid")
    assert answer.code == 200
    assert shape(answer.body) == Sparse("Account", "fetchByVid").expected(complete, description)


def test_the_example_of_two_fields_to_the_letter(keeper: Shopkeeper) -> None:
    answer = keeper.ask("Account", "fetchByVid", '{"account":{"name":"","emailAddress":""}}')

    assert answer.children("account") == ["VID", "merchantAccountId", "emailAddress", "name"]


def test_the_example_of_nested_parts_to_the_letter(keeper: Shopkeeper) -> None:
    answer = keeper.ask(
        "Account", "fetchByVid", '{"account":["name",{"shippingAddress":["city","country"]}]}'
    )

    assert answer.children("account") == ["VID", "merchantAccountId", "name", "shippingAddress"]
    assert answer.children("account/shippingAddress") == ["VID", "city", "country"]


@st.composite
def selectors(draw: st.DrawFn, type_name: str, depth: int = 4) -> Any:
    """A selector for an object of the type, with names of the contract and some others."""
    facts = load("22.0")
    fields = facts.types[type_name].fields
    chosen = draw(st.lists(st.sampled_from(fields), max_size=4, unique_by=lambda field: field.name))
    members: dict[str, Any] = {}
    for field in chosen:
        if field.type in facts.types and depth and draw(st.booleans()):
            members[field.name] = draw(selectors(field.type, depth - 1))
        else:
            members[field.name] = draw(st.sampled_from(["", None, 1, True, False, "x"]))
    if draw(st.booleans()):
        members["unknown"] = ""
    as_list = draw(st.booleans()) and all(value is not False for value in members.values())
    if not as_list:
        return members
    return [name if not isinstance(value, dict | list) else {name: value} for name, value in members.items()]


@st.composite
def descriptions(draw: st.DrawFn, service: str, operation: str) -> str:
    """A description of the answer of an operation, with its parts named at the top or not."""
    facts = load("22.0")
    part = next(field for field in facts.operation(service, operation).response if field.name != "return")
    selector = draw(selectors(part.type))
    if isinstance(selector, dict) and draw(st.booleans()) and part.name not in selector:
        return json.dumps(selector)
    return json.dumps({part.name: selector})


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_any_description_leaves_exactly_what_the_rules_say(
    keeper: Shopkeeper, service: str, operation: str
) -> None:
    complete, oracle = keeper.complete(service, operation), Sparse(service, operation)
    assert shape(complete).startswith(f"{operation}Response\n  return\n    returnCode 200")

    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(descriptions(service, operation))
    def check(description: str) -> None:
        answer = keeper.ask(service, operation, description)
        assert shape(answer.body) == oracle.expected(complete, description), description

    check()


@pytest.mark.parametrize("blank", ["", " ", "\n\t "])
def test_a_blank_description_means_the_complete_answer(keeper: Shopkeeper, blank: str) -> None:
    answer = keeper.ask("Account", "fetchByVid", blank)

    assert shape(answer.body) == shape(keeper.complete("Account", "fetchByVid"))


@pytest.mark.parametrize("description", MALFORMED)
def test_what_is_no_json_object_is_refused(keeper: Shopkeeper, description: str) -> None:
    answer = keeper.ask("Account", "fetchByVid", description)

    assert answer.code == 400
    assert answer.text.startswith("Invalid sparse response description: ")
    assert not answer.has("account")


def test_a_malformed_description_is_refused_before_anything_happens(keeper: Shopkeeper) -> None:
    key = f"<merchantAccountId>{shop.new_id('account')}</merchantAccountId>"

    answer = keeper.ask("Account", "update", "account", f"<account>{key}</account>")

    assert (answer.code, answer.value("created")) == (400, "0")
    assert keeper.ask("Account", "fetchByMerchantAccountId", "", key).code == 400


@pytest.mark.parametrize("description", ["{}", '{"account":{"name":""}}', '{"account":false}'])
def test_required_parts_are_sent_and_the_call_does_what_it_does(keeper: Shopkeeper, description: str) -> None:
    key = shop.new_id("account")
    account = f"<account><merchantAccountId>{key}</merchantAccountId><company>Engines</company></account>"

    answer = keeper.ask("Account", "update", description, account)

    assert (answer.code, answer.value("created")) == (200, "1")
    assert not answer.has("account/company")
    stored = keeper.ask(
        "Account", "fetchByMerchantAccountId", "", f"<merchantAccountId>{key}</merchantAccountId>"
    )
    assert stored.value("account/company") == "Engines"


def test_failures_are_told_whatever_is_asked_for(keeper: Shopkeeper) -> None:
    answer = keeper.ask("Account", "fetchByVid", '{"account":{"name":""}}', "<vid>nobody</vid>")

    assert (answer.code, answer.text) == (400, 'Unable to load account by VID "nobody":  No match.')


def test_each_item_of_an_array_is_pruned_alike(keeper: Shopkeeper) -> None:
    answer = keeper.ask(
        "PaymentMethod",
        "fetchByAccount",
        '{"paymentMethods":{"creditCard":{"bin":""},"ecp":{"bankName":""}}}',
    )

    found = [[str(child.tag) for child in method] for method in _all(answer, "paymentMethods")]
    assert found == [
        ["VID", "creditCard", "merchantPaymentMethodId"],
        ["VID", "ecp"],
        ["VID"],
        ["VID"],
    ]


def _all(answer: Reply, name: str) -> Iterator[etree._Element]:
    yield from answer.body.findall(name)
