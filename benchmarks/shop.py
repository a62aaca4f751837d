"""Fills a running service, through its own SOAP calls, with what a payment benchmark needs.

Every AutoBill belongs to an account of its own (address, two cards, name values) and is invoiced: its
payment method is a MerchantAcceptedPayment, so its first invoice is Due at once and stays so while small
payments arrive.
"""

from __future__ import annotations

import re
from http.client import HTTPConnection
from xml.sax.saxutils import escape

from benchmarks.messages import Call

NAMESPACE = "http://soap.vindicia.com/v22_0/"
PLAN = "bench-plan"
PRICE = "900000.00"
"""High enough that no run pays an invoice off."""

CARDS = ("4111111111111111", "5555555555554444")
RETURN_CODE = re.compile(rb"<returnCode[^>]*>(\d+)<")


class Refused(Exception):
    """A call was answered with another return code than 200."""


class Shop:
    """A merchant's client, just able enough to prepare the data."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=30)

    def post(self, body: bytes, service: str, operation: str) -> bytes:
        """Sends one request; the answer if its return code is 200."""
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}{service}#{operation}"',
        }
        self._connection.request("POST", "/soap.pl", body, headers)
        answer = self._connection.getresponse().read()
        code = RETURN_CODE.search(answer)
        if code is None or code[1] != b"200":
            raise Refused(f"{service}.{operation}: {answer[:2000].decode(errors='replace')}")
        return answer

    def call(self, service: str, operation: str, arguments: str) -> bytes:
        return self.post(envelope(service, operation, arguments), service, operation)

    def open_for_business(self, autobills: int, price: str = PRICE, prefix: str = "bench") -> list[str]:
        """Creates catalog, accounts and AutoBills; the merchantAutoBillIds, all of one width."""
        sku = f"{prefix}-product"
        self.call("BillingPlan", "update", _billing_plan())
        self.call("Product", "update", _product(sku, price))
        ids = [f"{prefix}-{number:06d}" for number in range(autobills)]
        for autobill_id in ids:
            self.call("Account", "update", _account(autobill_id))
            self.call("AutoBill", "update", _autobill(autobill_id, sku))
        return ids

    def answer_to(self, call: Call, autobill_id: str, payment_id: str) -> bytes:
        """The answer to one call, as the benchmark sends it."""
        return self.post(call.request(autobill_id, payment_id), call.service, call.operation)


def envelope(service: str, operation: str, arguments: str, login: str = "sandbox") -> bytes:
    """A request of a merchant whose password is the log-in."""
    auth = (
        f"<auth><version>22.0</version><login>{login}</login><password>{login}</password></auth><srd></srd>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
        f'<tns:{operation} xmlns:tns="{NAMESPACE}{service}">{auth}{arguments}</tns:{operation}>'
        "</env:Body></env:Envelope>"
    ).encode()


def _billing_plan() -> str:
    return (
        f"<billingPlan><merchantBillingPlanId>{PLAN}</merchantBillingPlanId><description>Monthly</description>"
        "<periods><type>Month</type><quantity>1</quantity><cycles>0</cycles></periods></billingPlan>"
    )


def _product(sku: str, price: str) -> str:
    return (
        f"<product><merchantProductId>{sku}</merchantProductId>"
        "<descriptions><language>EN</language><description>Large contract</description></descriptions>"
        "<taxClassification>TaxExempt</taxClassification>"
        f"<prices><amount>{price}</amount><currency>USD</currency></prices></product>"
    )


def _address(tag: str) -> str:
    return (
        f"<{tag}><name>Ada Example</name><addr1>303 Twin Dolphin Drive</addr1><addr2>Suite 200</addr2>"
        "<city>Redwood City</city><county>San Mateo</county><district>CA</district>"
        f"<postalCode>94065</postalCode><country>US</country><phone>650-555-0100</phone></{tag}>"
    )


def _card(autobill_id: str, number: str, order: int) -> str:
    return (
        "<paymentMethods><type>CreditCard</type>"
        f"<creditCard><account>{number}</account><expirationDate>203912</expirationDate></creditCard>"
        "<nameValues><name>origin</name><value>web shop</value></nameValues>"
        f"<accountHolderName>Ada Example</accountHolderName>{_address('billingAddress')}"
        f"<customerDescription>Card {order}</customerDescription>"
        f"<merchantPaymentMethodId>pm-{autobill_id}-{order}</merchantPaymentMethodId><currency>USD</currency>"
        f"<sortOrder>{order}</sortOrder><active>1</active></paymentMethods>"
    )


def _account(autobill_id: str) -> str:
    cards = "".join(_card(autobill_id, number, order) for order, number in enumerate(CARDS))
    return (
        f"<account><merchantAccountId>account-{autobill_id}</merchantAccountId><defaultCurrency>USD</defaultCurrency>"
        f"<emailAddress>{autobill_id}@example.com</emailAddress><emailTypePreference>html</emailTypePreference>"
        f"<preferredLanguage>en</preferredLanguage><company>{escape('Example & Sons')}</company>"
        f"<name>Ada Example</name>{_address('shippingAddress')}{cards}"
        "<nameValues><name>segment</name><value>retail</value></nameValues>"
        "<nameValues><name>channel</name><value>web shop</value></nameValues></account>"
    )


def _autobill(autobill_id: str, sku: str) -> str:
    return (
        f"<autobill><merchantAutoBillId>{autobill_id}</merchantAutoBillId>"
        f"<account><merchantAccountId>account-{autobill_id}</merchantAccountId></account>"
        f"<billingPlan><merchantBillingPlanId>{PLAN}</merchantBillingPlanId></billingPlan>"
        "<paymentMethod><type>MerchantAcceptedPayment</type>"
        "<merchantAcceptedPayment><paymentType>Check</paymentType></merchantAcceptedPayment>"
        f"<merchantPaymentMethodId>pm-{autobill_id}-invoice</merchantPaymentMethodId></paymentMethod>"
        "<currency>USD</currency>"
        f"<items><index>1</index><product><merchantProductId>{sku}</merchantProductId></product></items>"
        "<invoiceTerms>30</invoiceTerms></autobill>"
    )
