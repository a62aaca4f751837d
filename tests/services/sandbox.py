"""Time and money of a merchant in a test: its clock, its billing runs, and the audit of its books."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from tests.servers import Server
from tests.soap_client import Login


class Sandbox:
    """The control plane as one merchant; every refusal fails the test."""

    def __init__(self, server: Server, merchant: Login) -> None:
        self._server = server
        self._merchant = merchant

    def set_clock(self, moment: str) -> None:
        """``2024-01-31T10:00:00`` is Pacific time. Nothing is done that becomes due on the way."""
        self._send("PUT", "/sandbox/clock", {"now": moment})

    def now(self) -> str:
        """The merchant's time as ISO 8601 text."""
        now: str = self._send("GET", "/sandbox/clock")["now"]
        return now

    def advance(self, days: int) -> list[dict[str, Any]]:
        """Day by day, with everything that becomes due; the steps that were done."""
        steps: list[dict[str, Any]] = self.report("clock/advance", days=days)["steps"]
        return steps

    def report(self, path: str, **body: Any) -> dict[str, Any]:
        """What ``clock/advance`` or ``bill`` tells: steps, counts, omitted."""
        told: dict[str, Any] = self._send("POST", f"/sandbox/{path}", body)["report"]
        return told

    def bill(self) -> list[dict[str, Any]]:
        """One billing run at the present; the steps that were done."""
        steps: list[dict[str, Any]] = self._send("POST", "/sandbox/bill")["report"]["steps"]
        return steps

    def bill_on(self, moment: str) -> list[dict[str, Any]]:
        """Set the clock forward and run the billing."""
        self.set_clock(moment)
        return self.bill()

    def settings(self, **changes: Any) -> None:
        """Change settings of the merchant, by their documented names."""
        self._send("PUT", "/sandbox/settings", changes)

    def script(self, *outcomes: dict[str, Any]) -> None:
        """What the sandbox processor answers to this merchant's next requests."""
        self._send("PUT", "/sandbox/processor", {"outcomes": outcomes})

    def dispute(self, transaction: Any, **fields: str) -> dict[str, Any]:
        """A chargeback of a transaction comes in from the processor; what was stored."""
        named = {"merchantTransactionId": transaction.merchantTransactionId}
        stored: dict[str, Any] = self._send("POST", "/sandbox/chargebacks", named | fields)["chargeback"]
        return stored

    def gift_cards(self, *cards: dict[str, Any]) -> None:
        """Put cards on the shelf of the simulated provider: pin, sku, and perhaps state and timeOut."""
        self._send("PUT", "/sandbox/gift-cards", {"cards": cards})

    def mails(self, **filters: str) -> list[dict[str, Any]]:
        """The mails to the merchant's customers, oldest first; without bodies."""
        asked = urlencode(filters)
        mails: list[dict[str, Any]] = self._send("GET", f"/sandbox/mails?{asked}")["mails"]
        return mails[::-1]

    def mail(self, mail_id: str) -> dict[str, Any]:
        """One mail with its bodies."""
        mail: dict[str, Any] = self._send("GET", f"/sandbox/mails/{mail_id}")["mail"]
        return mail

    def tax(self, *rows: dict[str, Any], unavailable: bool = False) -> None:
        """Replace the tax table of this merchant; an ``unavailable`` tax service does not answer."""
        self._send("PUT", "/sandbox/tax", {"rows": rows, "unavailable": unavailable})

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        status, answer = self.ask(method, path, body)
        assert status == 200, f"{method} {path}: {status} {answer}"
        return answer

    @property
    def credentials(self) -> dict[str, str]:
        """The header that logs the merchant in."""
        given = b64encode(f"{self._merchant.login}:{self._merchant.password}".encode()).decode()
        return {"Authorization": f"Basic {given}"}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Any request, and its status and answer."""
        headers = self.credentials | {"Content-Type": "application/json"}
        answer = self._server.request(
            method, path, json.dumps(body).encode() if body is not None else b"", headers
        )
        return answer.status, answer.json()
