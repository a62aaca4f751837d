"""What cannot be provoked from outside: a store that is away, an outcome that cannot be recorded, and rate limits."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from cashbox_service.app.counter import gateway_payments
from cashbox_service.app.operating import audit, merchant_keys, merchants
from cashbox_service.app.operating.merchant_keys import KeyPurpose, NewKey
from cashbox_service.dialects.application import DialectsApplication
from cashbox_service.dialects.catalogue import DIALECTS
from cashbox_service.rates import RateLimit
from cashbox_service.settings import Settings
from cashbox_service.store import schema
from cashbox_service.wsgi import Service, build_environment
from tests.databases import Databases, Kind
from tests.dialects.callers import ROOT, order, payment, signed
from tests.servers import ROOT as PROJECT
from tests.servers import VAULT_KEY

Reply = tuple[int, dict[str, str], Any]


class Inside:
    """The whole service in this process, over a database of its own."""

    def __init__(self, database_url: str, **settings: Any) -> None:
        given = Settings(database_url=database_url, vault_key=VAULT_KEY, **settings)
        self.env = build_environment(given)
        schema.upgrade(self.env.database)
        self.vid = merchants.add(self.env.database, "inside", "password", self.env.clock.now())
        self.service = Service(self.env, "http://inside")

    def key(self, purpose: KeyPurpose) -> NewKey:
        return merchant_keys.add(self.env.database, self.env.vault, self.vid, purpose, self.env.clock.now())

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Status, headers by small letters, and the JSON answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
            "wsgi.url_scheme": "http",
            "SERVER_NAME": "inside",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "192.0.2.1",
        } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        answered: list[Any] = []

        def start(
            status: str, given: list[tuple[str, str]], _exc_info: Any = None, /
        ) -> Callable[[bytes], object]:
            answered.extend([int(status[:3]), {name.lower(): value for name, value in given}])
            return lambda _written: None

        text = b"".join(self.service(environ, start))
        return answered[0], answered[1], json.loads(text) if text else None

    def audited(self) -> None:
        assert audit.run(self.env, self.env.merchant("inside")) == []


@pytest.fixture
def inside(databases: Databases, database_kind: Kind) -> Iterator[Inside]:
    made = Inside(databases.new(database_kind))
    yield made
    made.service.close()


@pytest.fixture
def unrecorded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Outcomes of processors cannot be recorded, until the function that is given is called."""
    real = gateway_payments.settle

    def broken(*_: Any, **__: Any) -> Any:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(gateway_payments, "settle", broken)
    return lambda: monkeypatch.setattr(gateway_payments, "settle", real)


def test_512_paymentfailedtosave_is_finished_by_a_repeat(
    inside: Inside, unrecorded: Callable[[], None]
) -> None:
    key = inside.key(KeyPurpose.CREATE_PAYMENT).key
    _, _, attempt = inside.call("POST", "/collectionattempts", {"amount": 100}, x_api_key=key)
    path, body = f"/collectionattempts/{attempt['id']}/payments", payment("25.00")
    _, _, first = inside.call("POST", path, body, x_api_key=key, idempotency_key="k")
    assert first["result"]["paymentProcessingOutcome"] == 512
    assert first["result"]["isSuccessful"] is False
    assert first["errors"] == ["The payment was taken but is not recorded yet."]
    unrecorded()
    _, _, again = inside.call("POST", path, body, x_api_key=key, idempotency_key="k")
    assert again["result"]["paymentProcessingOutcome"] == 1
    assert again["result"]["paymentId"] == first["result"]["paymentId"]
    _, _, shown = inside.call("GET", path.removesuffix("/payments"), x_api_key=key)
    assert shown["balance"] == 75
    inside.audited()


def test_error_with_creating_payment_record_returns_four_ids_and_a_repeat_finishes_it(
    inside: Inside, unrecorded: Callable[[], None]
) -> None:
    key = inside.key(KeyPurpose.CHECKOUT)
    call = signed(key, order())
    status, _, first = inside.call("POST", "/checkout", call)
    assert status == 200
    assert first["message"] == "Error with Creating Payment Record but it has been processed"
    assert list(first) == ["message", "ClientID", "Invoice", "Fee", "Recurring"]
    unrecorded()
    _, _, again = inside.call("POST", "/checkout", call)
    assert again["message"] == "success"
    assert {name: again[name] for name in first if name != "message"} == {
        name: first[name] for name in first if name != "message"
    }
    inside.audited()


def requests_of(inside: Inside) -> dict[str, tuple[str, str, Any, dict[str, str]]]:
    """A request that reads the store, for each dialect."""
    checkout = inside.key(KeyPurpose.CHECKOUT)
    make, create, resource = (
        inside.key(purpose).key
        for purpose in (KeyPurpose.MAKE_PAYMENT, KeyPurpose.CREATE_PAYMENT, KeyPurpose.CHECKOUT_PAYMENTS)
    )
    return {
        "CheckOut": ("POST", "/checkout", signed(checkout, order()), {}),
        "MakePayment": ("GET", f"/api/v1/Transactions?apiKey={make}&AccountNo=a", None, {}),
        "CreatePayment": ("POST", "/collectionattempts", {"amount": 1}, {"x_api_key": create}),
        "CheckoutPmt": ("GET", f"{ROOT}/publicSectorCheckouts", None, {"x_api_key": resource}),
    }


@pytest.mark.parametrize("dialect", [one.name for one in DIALECTS])
@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("SELECT", {}, Exception("no connection")), 503), (RuntimeError("a card 4111"), 500)],
)
def test_store_that_is_away_is_503_and_a_crash_tells_nothing(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, dialect: str, error: Exception, status: int
) -> None:
    method, path, body, headers = requests_of(inside)[dialect]

    def broken(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(inside.env, "open", broken)
    answered, given, failure = inside.call(method, path, body, **headers)
    assert answered == status
    assert ("retry-after" in given) == (status == 503)
    assert "4111" not in json.dumps(failure)


@pytest.mark.parametrize("dialect", [one.name for one in DIALECTS])
def test_too_many_calls_are_429_with_the_time_to_wait(
    databases: Databases, database_kind: Kind, dialect: str
) -> None:
    inside = Inside(databases.new(database_kind), dialect_calls_per_minute=1)
    method, path, body, headers = requests_of(inside)[dialect]
    assert inside.call(method, path, body, **headers)[0] != 429
    status, given, _ = inside.call(method, path, body, **headers)
    assert status == 429
    assert 0 < int(given["retry-after"]) <= 61
    inside.service.close()


def test_too_many_wrong_credentials_close_the_door_for_that_address(
    databases: Databases, database_kind: Kind
) -> None:
    inside = Inside(databases.new(database_kind), dialect_refusals_per_minute=2)
    right = inside.key(KeyPurpose.CREATE_PAYMENT).key
    path = "/collectionattempts/x"
    statuses = [inside.call("GET", path, x_api_key="wrong")[0] for _ in range(3)]
    assert statuses == [401, 401, 429]
    assert inside.call("GET", path, x_api_key=right)[0] == 429
    inside.service.close()


def test_tokens_of_a_rate_limit_come_back_with_time() -> None:
    now = [0.0]
    limit = RateLimit(2, lambda: now[0], most=2)
    assert [limit.wait("a"), limit.wait("a")] == [0, 0]
    assert limit.wait("a") == 30
    assert limit.exhausted("a")
    assert not limit.exhausted("b")
    now[0] = 30
    assert limit.wait("a") == 0
    limit.wait("b")
    limit.wait("c")
    assert not limit.exhausted("a"), "forgotten: there are two later ones"


def test_server_that_nobody_asks_for_dialects_imports_nothing_of_them(tmp_path: Path) -> None:
    program = (
        "import sys; from cashbox_service.settings import Settings; from cashbox_service.wsgi import create_app;"
        f"create_app(Settings(database_url='sqlite:///{tmp_path}/x.db', vault_key='{VAULT_KEY}'));"
        "print([name for name in ('pydantic', 'werkzeug', 'flask', 'cashbox_service.dialects') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_calls_are_observed_without_their_content(inside: Inside) -> None:
    key = inside.key(KeyPurpose.CREATE_PAYMENT).key
    inside.call("POST", "/collectionattempts", {"amount": 1}, x_api_key=key)
    inside.call("POST", "/collectionattempts", {"amount": 0}, x_api_key=key)
    seen = [
        (call.service, call.operation, call.return_code)
        for call in inside.service.recent.of_merchant(inside.vid)
    ]
    assert seen == [
        ("CreatePayment", "CreateCollectionAttempt", 400),
        ("CreatePayment", "CreateCollectionAttempt", 201),
    ]


def test_paths_of_all_dialects_lead_to_the_application() -> None:
    from cashbox_service.wsgi import DIALECTS as BEGINNINGS

    for dialect in DIALECTS:
        for operation in dialect.operations:
            assert operation.path.startswith(BEGINNINGS), operation.path
    assert DialectsApplication.__doc__
