"""What a payment leaves behind in memory: nothing that only the garbage collector could find."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.wsgi import Service
from tests.services import shop
from tests.services.shop import Client
from tests.soap_client import Login, envelope


@pytest.fixture
def collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def paid(service: Service, merchant: Login, autobill: Any, cheque: str) -> bytes:
    body = envelope(
        merchant,
        "AutoBill",
        "makePayment",
        f'<autobill xmlns=""><VID>{autobill.VID}</VID></autobill><paymentMethod xmlns="">'
        "<type>MerchantAcceptedPayment</type><merchantAcceptedPayment><paymentType>Cheque</paymentType>"
        f'<paymentId>{cheque}</paymentId></merchantAcceptedPayment></paymentMethod><amount xmlns="">1.00</amount>',
    )
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/soap.pl",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    answer: Any = service(environ, lambda *_: lambda _data: None)
    written = b"".join(answer)
    answer.close()
    return written


def test_a_payment_leaves_no_circles_of_objects(
    client: Client, environment: Environment, merchant: Login, collector: None
) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    service = Service(environment, "http://127.0.0.1")
    for number in range(3):  # what is made once and kept is made by now
        assert b">200<" in paid(service, merchant, autobill, f"first-{number}")
    gc.collect()
    for number in range(5):
        assert b">200<" in paid(service, merchant, autobill, f"then-{number}")
    assert gc.collect() < 25, "a handful of objects may be the test runner's; each payment made hundreds"
