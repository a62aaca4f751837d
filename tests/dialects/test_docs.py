"""``/docs``: an OpenAPI 3.1 document that says what the server does, and a page that needs nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.errors import SchemathesisError
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.dialects import openapi
from cashbox_service.dialects.catalogue import DIALECTS
from tests.dialects.callers import new_key, signed
from tests.servers import Server
from tests.soap_client import Login

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

OPERATIONS = [(dialect.name, operation.name) for dialect in DIALECTS for operation in dialect.operations]


def test_page_needs_nothing_from_elsewhere(server: Server) -> None:
    page = server.get("/docs")
    text = page.body.decode()
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in text
    assert set(re.findall(r'(?:src|href)="([^"#]+)"', text)) == {"/docs/style.css", "/docs/openapi.json"}
    assert server.get("/docs/style.css").headers["content-type"] == "text/css; charset=utf-8"


def test_page_shows_every_operation_and_member(server: Server) -> None:
    text = server.get("/docs").body.decode()
    document = openapi.document("http://x")
    for path, methods in document["paths"].items():
        assert path in text
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in text
    for model in document["components"]["schemas"].values():
        assert model.get("description"), model


def test_document_is_what_the_code_declares(server: Server) -> None:
    document = server.get("/docs/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    named = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    assert named == {f"{dialect}.{operation}" for dialect, operation in OPERATIONS}


@pytest.fixture(scope="module")
def described(server: Server) -> Any:
    """The document as the server gives it, for requests that schemathesis makes up."""
    document = server.get("/docs/openapi.json").json()
    for methods in document["paths"].values():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {})
            for media_type in [name for name in content if name != "application/json"]:
                del content[
                    media_type
                ]  # schemathesis makes JSON up; the other formats have tests of their own
    return schemathesis.openapi.from_dict(document)


@pytest.mark.parametrize(("dialect", "name"), OPERATIONS)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_made_up_requests_get_the_answers_that_are_described(
    server: Server,
    described: Any,
    let_in: Callable[[str, Case[Any]], None],
    dialect: str,
    name: str,
    mode: Any,
) -> None:
    operation = described.find_operation_by_id(f"{dialect}.{name}")

    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode))
    def play(case: Case[Any]) -> None:
        let_in(dialect, case)
        response = case.call(base_url=server.url)
        case.validate_response(response, checks=CHECKS)

    try:
        play()
    except (Unsatisfiable, SchemathesisError):
        assert mode is GenerationMode.NEGATIVE, "a request that is right can always be made up"


@pytest.fixture
def let_in(server: Server, module_merchant: Login) -> Callable[[str, Case[Any]], None]:
    """Puts right credentials into most requests, where the dialect looks for them."""
    keys = {
        name: new_key(server, module_merchant, purpose)
        for name, purpose in {
            "MakePayment": KeyPurpose.MAKE_PAYMENT,
            "CreatePayment": KeyPurpose.CREATE_PAYMENT,
            "CheckOut": KeyPurpose.CHECKOUT,
            "CheckoutPmt": KeyPurpose.CHECKOUT_PAYMENTS,
        }.items()
    }

    def put(dialect: str, case: Case[Any]) -> None:
        key = keys[dialect].key
        if dialect in ("CreatePayment", "CheckoutPmt"):
            case.headers["X-Api-Key"] = key
        elif dialect == "MakePayment" and case.method == "GET":
            case.query["apiKey"] = key
        elif dialect == "MakePayment" and isinstance(case.body, dict):
            case.body["apiKey"] = key
        elif isinstance(case.body, dict):
            case.body |= signed(keys[dialect], case.body.get("object", "{}"))

    return put
