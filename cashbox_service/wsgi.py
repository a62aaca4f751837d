"""Everything the service answers over HTTP, as one WSGI application.

By path: ``/healthz``, ``/metrics``, ``/vws`` (the forms of WebSessions), ``/pay/...`` (their ready-made pages),
``/sandbox/...`` (in sandbox mode, its pages for customers among them), the payment dialects with ``/docs``, and, for
all the rest, SOAP: its documents and its calls. Nothing here or below reflects the request's Host header.

Other servers than the embedded one load it with ``granian --interface wsgi --factory cashbox_service.wsgi:create_app``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cashbox_service import metrics
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import merchants
from cashbox_service.calls import FinishedCall, RecentCalls
from cashbox_service.checked import WrongValue
from cashbox_service.crypto import open_vault
from cashbox_service.logging import configure, get_logger
from cashbox_service.processors.gift_cards import GiftCardProviders, build_providers
from cashbox_service.processors.registry import ProcessorRegistry, Surroundings, build_registry
from cashbox_service.processors.script import QueuedScript
from cashbox_service.settings import Settings
from cashbox_service.soap.endpoint import SoapEndpoint
from cashbox_service.soap.envelope import Limits, read_document
from cashbox_service.soap.faults import RequestFault
from cashbox_service.soap.push_content import PushContents
from cashbox_service.store.engine import Database
from cashbox_service.store.gift_card_shelf import DatabaseCardShelf
from cashbox_service.store.journal import DatabaseJournal
from cashbox_service.store.scripts import DatabaseScripts

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = get_logger(__name__)

SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
)
"""Added to every answer that does not set the header itself."""

_SECURITY = [(header[0].lower(), header) for header in SECURITY_HEADERS]

DIALECTS = ("/api/v1/", "/collectionattempts", "/checkout", "/fscmRestApi/", "/docs")
"""How the paths of the payment dialects and of their documentation begin."""

CUSTOMER_PAGES = "/sandbox/paypal"
"""Where the sandbox processor sends customers; nobody logs in there."""

HOSTED_ORDERS = frozenset({"/vws", "/vws.html"})
"""Where browsers post the forms of WebSessions (websession §5.1)."""

PAYMENT_PAGES = "/pay/"
"""How the paths of the ready-made payment pages begin."""

_NO_LOGIN = ""
"""No log-in has this name: looking it up proves that the store answers and changes nothing."""


class Service:
    """Answers by the first matching path."""

    def __init__(self, env: Environment, base_url: str) -> None:
        self.env = env
        self._base_url = base_url
        self.recent = RecentCalls(env.settings.request_log_size)
        self._soap: WSGIApplication = SoapEndpoint(
            env, base_url=base_url, observer=self._observe, limits=_limits(env.settings)
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._for_path(environ.get("PATH_INFO", ""))(environ, _secured(start_response))

    def close(self) -> None:
        self.env.close()

    def _for_path(self, path: str) -> WSGIApplication:
        if path == "/healthz":
            return self._health
        if path == "/metrics":
            return _metrics
        if path in HOSTED_ORDERS:
            return self._hosted_orders
        if path.startswith(PAYMENT_PAGES):
            return self._payment_pages
        if path == CUSTOMER_PAGES:
            return self._pages
        if path.startswith("/sandbox/"):
            return self._sandbox
        if path.startswith(DIALECTS):
            return self._dialects
        return self._soap

    @cached_property
    def _dialects(self) -> WSGIApplication:
        """The payment dialects; made, and pydantic imported, when they are first asked for."""
        from cashbox_service.dialects.application import DialectsApplication

        return DialectsApplication(self.env, self._base_url, self._parse_xml, self._observe)

    def _parse_xml(self, body: bytes, charset: str | None) -> Any:
        """The root of an XML body, by the parser and the limits of SOAP requests."""
        from cashbox_service.dialects.media import Unreadable

        try:
            return read_document(body, charset, _limits(self.env.settings))
        except RequestFault as fault:
            raise Unreadable(f"is refused: {fault.text}") from None

    @cached_property
    def _sandbox(self) -> WSGIApplication:
        """The control plane; it is made, and Flask imported, when it is first asked for."""
        if not self.env.settings.is_sandbox:
            return _nothing_here
        from cashbox_service.web.sandbox import create_sandbox

        return create_sandbox(self.env, self.recent)

    @cached_property
    def _pages(self) -> WSGIApplication:
        """The pages that customers of the sandbox processor are sent to."""
        if not self.env.settings.is_sandbox:
            return _nothing_here
        from cashbox_service.web.pages import create_pages

        return create_pages(self.env)

    @cached_property
    def _hosted_orders(self) -> WSGIApplication:
        """Where the forms of WebSessions are posted to; Flask is imported when the first one comes."""
        from cashbox_service.web.hosted_orders import create_hosted_orders

        return create_hosted_orders(self.env)

    @cached_property
    def _payment_pages(self) -> WSGIApplication:
        """The pages that customers give their cards on; Flask and Babel are imported when the first one comes."""
        from cashbox_service.web.payment_page import create_payment_page

        return create_payment_page(self.env)

    def _observe(self, call: FinishedCall) -> None:
        metrics.count_call(call)
        self.recent.note(call)

    def _health(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            merchants.find(self.env.database, _NO_LOGIN)
        except Exception:
            log.exception("store does not answer")
            return _answer(environ, start_response, "503 Service Unavailable", {"status": "unavailable"})
        return _answer(environ, start_response, "200 OK", {"status": "ok"})


def create_app(settings: Settings | None = None) -> Service:
    """The application over its own environment, for a server that forks by itself. Configures logging."""
    settings = settings or Settings()
    configure(json=settings.log_format == "json", level=settings.log_level)
    return Service(build_environment(settings), settings.base_url())


def build_environment(settings: Settings) -> Environment:
    """What the use cases run in: the opened database, the vault, the processors and the clock.

    Raises WrongValue when a processor cannot be made.
    """
    database = Database(settings.database_url, pool_size=settings.threads)
    surroundings = Surroundings(
        DatabaseJournal(database),
        QueuedScript(DatabaseScripts(database)),
        f"{settings.base_url()}{CUSTOMER_PAGES}",
        production=not settings.is_sandbox,
    )
    return Environment(
        settings,
        database,
        open_vault(settings.vault_key, settings.vault_key_file),
        _processors(settings, surroundings),
        gift_cards=_gift_cards(settings, database),
        contents=PushContents(),
    )


def _processors(settings: Settings, surroundings: Surroundings) -> ProcessorRegistry:
    try:
        return build_registry(settings.processors, surroundings, sandbox=settings.is_sandbox)
    except ValueError as wrong:
        raise WrongValue("processors", settings.processors, str(wrong)) from wrong


def _gift_cards(settings: Settings, database: Database) -> GiftCardProviders:
    try:
        return build_providers(settings.gift_cards, DatabaseCardShelf(database), sandbox=settings.is_sandbox)
    except ValueError as wrong:
        raise WrongValue("gift_cards", settings.gift_cards, str(wrong)) from wrong


def _limits(settings: Settings) -> Limits:
    return Limits(
        bytes=settings.max_request_bytes,
        elements=settings.max_request_elements,
        attributes=settings.max_request_attributes,
        depth=settings.max_request_depth,
    )


def _nothing_here(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Length", "0")])
    return []


def _metrics(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return _send(environ, start_response, "200 OK", metrics.CONTENT_TYPE, metrics.exposition())


def _answer(
    environ: WSGIEnvironment, start_response: StartResponse, status: str, content: dict[str, Any]
) -> Iterable[bytes]:
    return _send(environ, start_response, status, "application/json", json.dumps(content).encode())


def _send(
    environ: WSGIEnvironment, start_response: StartResponse, status: str, content_type: str, body: bytes
) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0")])
        return []
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _secured(start_response: StartResponse) -> StartResponse:
    def start(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        given = {name.lower() for name, _ in headers}
        added = [header for name, header in _SECURITY if name not in given]
        return start_response(status, [*headers, *added], exc_info)

    return start
