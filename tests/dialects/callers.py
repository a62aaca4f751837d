"""Callers of the payment dialects in tests: as one merchant, by its keys."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cashbox_service.app.operating import merchant_keys
from cashbox_service.app.operating.merchant_keys import KeyPurpose, NewKey
from cashbox_service.clock import SystemClock
from cashbox_service.crypto import Vault, parse_keys
from tests.servers import VAULT_KEY, Answer, Server
from tests.soap_client import Login

JSON = "application/json"


def new_key(server: Server, merchant: Login, purpose: KeyPurpose) -> NewKey:
    """A key as ``cashbox-service merchant add-key`` makes it."""
    vault = Vault(*parse_keys(VAULT_KEY))
    return merchant_keys.add(server.database, vault, merchant.vid, purpose, SystemClock().now())


@dataclass
class MakePayment:
    """The MakePayment dialect as one merchant."""

    server: Server
    key: str

    def send(
        self, body: Any, path: str = "/api/v1/MakePayment", content_type: str = JSON, **headers: str
    ) -> Answer:
        """POST a body: a mapping as JSON, bytes as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.server.request("POST", path, raw, {"Content-Type": content_type} | given)

    def pay(self, amount: Any, parts: list[Mapping[str, Any]] | None = None, **members: Any) -> Any:
        """What MakePayment answers to a payment, by cheque unless told otherwise."""
        body = {"apiKey": self.key, "PaymentTypeID": 2, "Amount": amount} | members
        if parts is not None:
            body["PayTransactions"] = {"PayTransaction": parts}
        answer = self.send(body)
        assert answer.status == 200, answer.body
        return answer.json()["MakePaymentDataData"]

    def paid(self, amount: Any, parts: list[Mapping[str, Any]] | None = None, **members: Any) -> None:
        """A payment that has to be booked."""
        answered = self.pay(amount, parts, **members)
        assert answered == {"OK": True, "MakePaymentIssues": []}

    def issues(self, amount: Any, parts: list[Mapping[str, Any]] | None = None, **members: Any) -> list[int]:
        """The numbers of the issues of a payment that must not be booked."""
        answered = self.pay(amount, parts, **members)
        assert answered["OK"] is False
        return [issue["ID"] for issue in answered["MakePaymentIssues"]]

    def transactions(self, account: str) -> Any:
        """GET /api/v1/Transactions of a customer."""
        answer = self.server.get(f"/api/v1/Transactions?apiKey={self.key}&AccountNo={account}")
        assert answer.status == 200, answer.body
        return answer.json()

    def wholes(self, account: str) -> dict[str, Any]:
        """What can be paid as a whole, by its invoice id."""
        listed = self.transactions(account)["Transactions"]
        return {one["InvoiceId"]: one for one in listed if one["SubID"] == 0}

    def make(self, account: str, kind: str = "Invoice", *amounts: str, **members: Any) -> Any:
        """A new document of a customer with a line of each amount; as `wholes` shows it."""
        before = set(self.wholes(account))
        lines = [
            {"Description": f"Thing {number}", "Amount": amount} for number, amount in enumerate(amounts, 1)
        ]
        body = {"apiKey": self.key, "AccountNo": account, "Type": kind, "Lines": {"Line": lines}} | members
        answer = self.send(body, "/api/v1/Transactions")
        assert answer.status == 201, answer.body
        (made,) = [one for name, one in self.wholes(account).items() if name not in before]
        return made


def part(document: Mapping[str, Any], amount: Any, line: int = 0, kind: str | None = None) -> dict[str, Any]:
    """A part of a payment for a document, or a line of it."""
    return {
        "TransID": document["TransID"],
        "SubID": line,
        "Type": kind or document["Type"],
        "Amount": amount,
    }


@dataclass
class CreatePayment:
    """The CreatePayment dialect as one merchant."""

    server: Server
    key: str

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request with the merchant's key; a mapping goes as JSON, bytes as they are."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"X-Api-Key": self.key, "Content-Type": content_type} | dict(headers or {})
        return self.server.request(method, path, raw, given)

    def attempt(self, amount: Any = "100.00", **members: Any) -> Any:
        """A new collection attempt."""
        answer = self.send("POST", "/collectionattempts", {"amount": amount} | members)
        assert answer.status == 201, answer.body
        return answer.json()

    def shown(self, attempt: Mapping[str, Any]) -> Any:
        """The attempt as it is now."""
        answer = self.send("GET", f"/collectionattempts/{attempt['id']}")
        assert answer.status == 200, answer.body
        return answer.json()

    def post(self, attempt: Mapping[str, Any], body: Any, **rest: Any) -> Answer:
        return self.send("POST", f"/collectionattempts/{attempt['id']}/payments", body, **rest)

    def pay(self, attempt: Mapping[str, Any], amount: Any, **members: Any) -> Any:
        """The whole answer to a payment by card unless told otherwise; ``key`` is the Idempotency-Key."""
        key = members.pop("key", None)
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = self.post(attempt, payment(amount, **members), headers=headers)
        assert answer.status == 200, answer.body
        return answer.json()

    def outcome(self, attempt: Mapping[str, Any], amount: Any, **members: Any) -> int:
        """The PaymentProcessingOutcome of a payment."""
        result: int = self.pay(attempt, amount, **members)["result"]["paymentProcessingOutcome"]
        return result


def payment(amount: Any, **members: Any) -> dict[str, Any]:
    """The body of a payment by a new good card; members given as None are left out."""
    number = members.pop("card", "4111111111111111")
    given = {
        "paymentToken": f"sbx-{number}",
        "paymentAmount": amount,
        "payor": {"firstName": "Ada", "lastName": "Reader"},
        "cardType": "visa",
        "lastFour": number.partition("-")[0][-4:],
        "fingerprint": secrets.token_hex(12),
        "isFeePayment": False,
    } | members
    return {name: value for name, value in given.items() if value is not None}


@dataclass
class CheckOut:
    """The CheckOut function as one merchant."""

    server: Server
    key: NewKey

    def send(self, members: Mapping[str, Any]) -> Answer:
        """POST the members of a call as JSON."""
        return self.server.request("POST", "/checkout", json.dumps(members).encode(), {"Content-Type": JSON})

    def call(self, given: Mapping[str, Any], **members: Any) -> Any:
        """What CheckOut answers to an object."""
        answer = self.send(signed(self.key, given) | members)
        assert answer.status == 200, answer.body
        return answer.json()

    def done(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The ids of a CheckOut that has to succeed."""
        answered = self.call(given)
        assert answered.pop("message") == "success", answered
        return dict(answered)


ROOT = "/fscmRestApi/resources/11.13.18.05"


@dataclass
class CheckoutPmt:
    """Checkouts and their payments as one merchant."""

    server: Server
    key: str

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A request with the merchant's key; ``path`` is below the root of the resources, or a whole link."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.key}", "Content-Type": JSON} | dict(headers or {})
        whole = path.removeprefix(self.server.url) if path.startswith("http") else f"{ROOT}/{path}"
        return self.server.request(method, whole, raw, given)

    def checkout(self, amount: Any = "80.00", **members: Any) -> str:
        """The id of a new checkout."""
        answer = self.send("POST", "publicSectorCheckouts", {"Amount": amount} | members)
        assert answer.status == 201, answer.body
        made: str = answer.json()["CheckoutId"]
        return made

    def shown(self, checkout: str) -> Any:
        """The checkout as it is now."""
        return self.get(f"publicSectorCheckouts/{checkout}")

    def get(self, path: str) -> Any:
        answer = self.send("GET", path)
        assert answer.status == 200, answer.body
        return answer.json()

    def post(self, checkout: str, headers: Mapping[str, str] | None = None, **members: Any) -> Answer:
        """POST a payment, in cash unless told otherwise; members given as None are left out."""
        given = {"PaymentMethodCode": "CASH"} | members
        body = {name: value for name, value in given.items() if value is not None}
        return self.send("POST", f"publicSectorCheckouts/{checkout}/child/CheckoutPmt", body, headers)

    def paid(self, checkout: str, **members: Any) -> Any:
        """A payment that has to be created."""
        answer = self.post(checkout, **members)
        assert answer.status == 201, answer.body
        return answer.json()

    def refused(self, checkout: str, status: int = 400, **members: Any) -> tuple[str, str]:
        """The member and the sentence of a payment that must be refused."""
        answer = self.post(checkout, **members)
        assert answer.status == status, answer.body
        failure = answer.json()
        assert failure["status"] == str(status)
        return failure.get("o:errorPath", ""), failure["detail"]


CLIENT = {"FirstName": "Ada", "LastName": "Reader", "Email": "ada@example.org"}
CARD = {"CCNumber": "4111111111111111", "CCExp": "1238", "CVV": "200"}


def order(**members: Any) -> dict[str, Any]:
    """A new client with a card who pays 50.24 for a fee of as much; members given as None are left out."""
    given = CLIENT | CARD | {"Description": secrets.token_hex(6), "AmountPaid": "50.24"} | members
    return {name: value for name, value in given.items() if value is not None}


def signed(key: NewKey, given: Any, at: datetime | None = None) -> dict[str, str]:
    """The five members of a CheckOut call; ``given`` is the object, as JSON text where it is a mapping."""
    assert key.secret is not None
    timestamp = (at or datetime.now(UTC)).strftime("%Y%m%d %H:%M")
    signature = hmac.new(key.secret.encode(), f"{key.key}CheckOut{timestamp}".encode(), "sha256").hexdigest()
    text = given if isinstance(given, str) else json.dumps(given)
    return {
        "Service": "CheckOut",
        "apikey": key.key,
        "sig": signature,
        "timestamp": timestamp,
        "object": text,
    }
