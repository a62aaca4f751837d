"""Importing this answers a subscription and a sale once, over a database that is thrown away.

What the service imports, compiles and maps with its first calls is then there for every process that is forked from
this one.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from cashbox_service.clock import SystemClock
from cashbox_service.settings import Settings
from cashbox_service.store import schema
from cashbox_service.wsgi import Service, build_environment
from tests.soap_client import Login, envelope

_CARD = (
    "<type>CreditCard</type><creditCard><account>4111111111111111</account>"
    "<expirationDate>203812</expirationDate></creditCard>"
)
_SUBSCRIPTION = (
    "<autobill><merchantAutoBillId>bill</merchantAutoBillId><currency>USD</currency>"
    "<account><merchantAccountId>account</merchantAccountId></account>"
    f"<paymentMethod>{_CARD}</paymentMethod>"
    "<billingPlan><merchantBillingPlanId>plan</merchantBillingPlanId><description>Monthly</description>"
    "<status>Active</status><periods><type>Month</type><quantity>1</quantity><cycles>0</cycles></periods></billingPlan>"
    "<items><index>0</index><product><merchantProductId>sku</merchantProductId><status>Active</status>"
    "<descriptions><language>EN</language><description>Magazine</description></descriptions>"
    "<prices><amount>10.00</amount><currency>USD</currency></prices></product></items></autobill>"
    "<immediateAuthFailurePolicy>doNotSaveAutoBill</immediateAuthFailurePolicy>"
    "<validateForFuturePayment>0</validateForFuturePayment><minChargebackProbability>100</minChargebackProbability>"
)
_SALE = (
    "<transaction><merchantTransactionId>sale</merchantTransactionId><amount>1.00</amount><currency>USD</currency>"
    "<account><merchantAccountId>account</merchantAccountId></account>"
    f"<sourcePaymentMethod>{_CARD}</sourcePaymentMethod>"
    "<transactionItems><sku>sku</sku><name>Copy</name><price>1.00</price><quantity>1</quantity></transactionItems>"
    "</transaction>"
)


def _answer(service: Service, login: Login, name: str, operation: str, arguments: str) -> None:
    body = envelope(login, name, operation, arguments)
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/soap.pl",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "warming",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
    }
    answered = b"".join(service(environ, lambda _status, _headers, _error=None, /: lambda _written: None))
    assert b"<returnCode" in answered, answered
    assert b">200</returnCode>" in answered, answered


def _warm() -> None:
    from cashbox_service.app.operating import merchants

    with tempfile.TemporaryDirectory(prefix="cashbox-warming-") as folder:
        database = f"sqlite:///{Path(folder) / 'warming.db'}"
        environment = build_environment(Settings(database_url=database, vault_key="0" * 64))
        schema.upgrade(environment.database)
        merchants.add(environment.database, "warming", "warming", SystemClock().now())
        service = Service(environment, "http://warming")
        try:
            login = Login("warming", "warming")
            _answer(service, login, "AutoBill", "update", _SUBSCRIPTION)
            _answer(service, login, "Transaction", "authCapture", _SALE)
        finally:
            service.close()


_warm()
