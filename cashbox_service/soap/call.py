"""One call as its handler sees it, and what the SOAP layer asks of the application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from cashbox_service.soap.srd import ALL, Selection

if TYPE_CHECKING:
    from cashbox_service.app.context import MerchantContext, Work
    from cashbox_service.app.environment import Environment
    from cashbox_service.app.idempotency import RequestKey


class HasZone(Protocol):
    """Settings of a merchant, as far as answers depend on them."""

    @property
    def zone(self) -> tzinfo: ...


class Merchant(Protocol):
    """Whoever a call is made for."""

    @property
    def vid(self) -> str: ...

    @property
    def settings(self) -> HasZone: ...


class OpenWork(Protocol):
    """What a call does to the store; the dispatcher only ever closes it."""

    def close(self) -> None: ...


class Application(Protocol):
    """Who may come in, and the work of one call."""

    def authenticate(self, login: str, password: str, source_ip: str) -> Merchant | None:
        """The merchant behind the credentials, None when they are wrong. May raise domain Unavailable."""

    def open(self, merchant: Any) -> OpenWork:
        """The work of one call for the merchant."""


class Call:
    """A call that was let in.

    ``merchant``, ``app`` and ``work`` are typed as the running service has them; this layer itself relies on no more
    than the protocols above, so that it can be tried with any application. ``request_key`` is the idempotency key that
    came with the call. ``ahead`` writes down a response that the handler is going to return, while it is still waiting
    for something; None where the answer takes more than that.
    """

    __slots__ = (
        "_work",
        "ahead",
        "app",
        "merchant",
        "operation",
        "request_key",
        "service",
        "soap_id",
        "srd",
        "version",
    )

    app: Environment
    merchant: MerchantContext

    def __init__(
        self,
        service: str,
        operation: str,
        version: str,
        soap_id: str,
        merchant: Any,
        app: Any,
        srd: Selection = ALL,
    ) -> None:
        self.service = service
        self.operation = operation
        self.version = version
        self.soap_id = soap_id
        self.merchant = merchant
        self.app = app
        self.srd = srd
        self.request_key: RequestKey | None = None
        self.ahead: Callable[[Any], None] | None = None
        self._work: Any = None

    @property
    def work(self) -> Work:
        """The work of this call, opened when it is first asked for."""
        if self._work is None:
            self._work = self.app.open(self.merchant)
            self._work.author_id = self.soap_id
            if self.request_key is not None:
                self._work.request_key = self.request_key
        work: Work = self._work
        return work

    def close(self) -> None:
        """End the work, if any was done."""
        # It leads to the exchange, which leads back here: nothing is to wait for the collector.
        self.ahead = None
        if self._work is not None:
            self._work.close()
            self._work = None
