"""The dialects as one WSGI application: paths, limits, and an answer to everything."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from cashbox_service.app.environment import Environment
from cashbox_service.calls import FinishedCall, Observer
from cashbox_service.dialects import docs
from cashbox_service.dialects.catalogue import DIALECTS
from cashbox_service.dialects.exchange import Answer, Dialect, Exchange, Operation, ParseXml, Surroundings
from cashbox_service.dialects.media import json_text
from cashbox_service.dialects.negotiation import TYPES
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.errors import ConcurrentChange, Unavailable
from cashbox_service.ids import new_soap_id
from cashbox_service.logging import get_logger
from cashbox_service.rates import RateLimit
from cashbox_service.store.outages import is_outage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = get_logger(__name__)

_SUFFIX = re.compile(r"\.(json|jsv|xml|csv)$")
_SUFFIXED = "/collectionattempts/"


class DialectsApplication:
    """Answers the paths of all dialects and of ``/docs``."""

    def __init__(
        self, env: Environment, base_url: str, parse_xml: ParseXml, observe: Observer = lambda _call: None
    ) -> None:
        settings = env.settings
        self._observe = observe
        self._surroundings = Surroundings(
            env,
            base_url.rstrip("/"),
            parse_xml,
            RateLimit(settings.dialect_calls_per_minute),
            RateLimit(settings.dialect_refusals_per_minute),
        )
        self._operations: dict[str, tuple[Dialect, Operation]] = {}
        rules = [Rule(path, endpoint=path, methods=["GET"]) for path in docs.PAGES]
        for dialect in DIALECTS:
            for operation in dialect.operations:
                endpoint = f"{dialect.name}.{operation.name}"
                self._operations[endpoint] = (dialect, operation)
                rules.append(Rule(operation.path, endpoint=endpoint, methods=[operation.method]))
        self._map = Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answered: Iterable[bytes] = self._respond(Request(environ))(environ, start_response)
        return answered

    def _respond(self, request: Request) -> Response:
        path, suffix = request.path, None
        found = _SUFFIX.search(path) if path.startswith(_SUFFIXED) else None
        if found is not None:
            path, suffix = path[: found.start()], found[1]
        adapter = self._map.bind("localhost", path_info=path, default_method=request.method)
        try:
            endpoint, arguments = adapter.match()
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            return _plain(405, "The method is not allowed here.", {"Allow": allowed})
        except HTTPException:
            return _plain(404, "There is nothing here.", {})
        if endpoint in docs.PAGES:
            return docs.page(endpoint, self._surroundings.base_url, request)
        dialect, operation = self._operations[endpoint]
        return self._answer(request, dialect, operation, arguments, suffix)

    def _answer(
        self,
        request: Request,
        dialect: Dialect,
        operation: Operation,
        arguments: Mapping[str, Any],
        suffix: str | None,
    ) -> Response:
        started = time.perf_counter()
        call_id = new_soap_id()
        exchange = Exchange(self._surroundings, request, dialect.formats, dict(arguments), suffix)
        answer = self._handled(exchange, dialect, operation, call_id)
        seconds = time.perf_counter() - started
        self._observe(
            FinishedCall(
                at=self._surroundings.env.clock.now(),
                service=dialect.name,
                operation=operation.name,
                version="",
                soap_id=call_id,
                return_code=answer.status,
                seconds=seconds,
                merchant_vid=exchange.merchant_vid,
            )
        )
        log.info(
            "dialect call",
            dialect=dialect.name,
            operation=operation.name,
            status=answer.status,
            call_id=call_id,
            milliseconds=round(seconds * 1000, 3),
        )
        media_type = answer.media_type or exchange.answer_type()
        raw = (
            answer.content if isinstance(answer.content, bytes) else dialect.write(answer, TYPES[media_type])
        )
        headers = {**exchange.headers, **answer.headers, "X-Request-Id": call_id}
        return Response(raw, answer.status, headers, content_type=_content_type(media_type))

    def _handled(self, exchange: Exchange, dialect: Dialect, operation: Operation, call_id: str) -> Answer:
        refused: Callable[[Refusal], Answer] = lambda refusal: dialect.refused(exchange, refusal)  # noqa: E731
        try:
            return operation.handle(exchange)
        except Refusal as refusal:
            return refused(refusal)
        except (ConcurrentChange, Unavailable):
            return refused(Refusal(503, "The service cannot do this now; try again.", Retry_After="1"))
        except Exception as error:
            if is_outage(error):
                log.exception("store does not answer", call_id=call_id)
                return refused(Refusal(503, "The service cannot be reached now; try again.", Retry_After="5"))
            log.exception("dialect call failed", exc_info=error, call_id=call_id)
            return refused(Refusal(500, "Internal error; the log has the cause."))


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8"


def _plain(status: int, message: str, headers: Mapping[str, str]) -> Response:
    return Response(
        json_text.dump({"error": message}),
        status,
        dict(headers),
        content_type="application/json; charset=utf-8",
    )
