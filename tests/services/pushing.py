"""Push messages in a test: the control plane's part for them, and the listener at their end."""

from __future__ import annotations

from typing import Any

from tests.listener import Listener, Received
from tests.services.sandbox import Sandbox


class Push:
    """The control plane's part for push messages, and the listener at their end."""

    def __init__(self, sandbox: Sandbox, listener: Listener) -> None:
        self._sandbox = sandbox
        self.listener = listener

    def make_key(self) -> None:
        self.listener.key = self._ask("POST", "/key")["key"]

    def subscribe(self, *classes: str, path: str = "", **fields: Any) -> list[str]:
        """One subscription per class; their ids."""
        endpoint = self.listener.url + path
        wishes = [{"class": one, "endpoint": endpoint} | fields for one in classes]
        return [self._ask("POST", "", wish)["subscription"]["id"] for wish in wishes]

    def deliver(self) -> list[Received]:
        """Send what is due; what the listener got, and nothing else since the last time."""
        self.listener.received.clear()
        self._ask("POST", "/deliver")
        assert all(one.is_signed for one in self.listener.received)
        return list(self.listener.received)

    def deliveries(self, status: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", f"/deliveries?status={status}")["deliveries"]
        return found

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        status, answer = self.ask(method, path, body)
        assert status == 200, answer
        return answer

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Any request to this part, and its status and answer."""
        return self._sandbox.ask(method, f"/sandbox/push{path}", body)
