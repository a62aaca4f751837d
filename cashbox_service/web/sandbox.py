"""The sandbox control plane: move the merchant's clock, run its billing, change its settings, start over.

JSON over HTTP under ``/sandbox/``, in sandbox mode only, as the merchant (HTTP Basic with its SOAP log-in). Errors are
``{"error": text}`` with 400 (the request), 401 (the log-in), 403 (from a foreign web page), 404, 405, 409 (the clock
would go back), 415.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Flask, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from cashbox_service.app.context import MerchantContext
from cashbox_service.app.engine.replay import DEFAULT_LIMIT
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import sandbox
from cashbox_service.app.taxes import tax_tables
from cashbox_service.calls import FinishedCall, RecentCalls
from cashbox_service.clock import parse_moment
from cashbox_service.domain.errors import CashboxError, IllegalState, InvalidValue, MissingField
from cashbox_service.domain.tax_rows import as_row
from cashbox_service.logging import get_logger
from cashbox_service.store.replay_shelf import KeptReplay
from cashbox_service.web import sandbox_chargebacks, sandbox_mails, sandbox_push, sandbox_templates

log = get_logger(__name__)

_FOREIGN_PAGES = frozenset({"cross-site", "same-site"})
_MAX_BODY_BYTES = 64 * 1024
_MOST_PAGES = 10**9


class _Json(DefaultJSONProvider):
    """Days and moments as ISO 8601 text, amounts as text, reports as objects."""

    sort_keys = False

    @staticmethod
    def default(o: Any) -> Any:
        if isinstance(o, date):  # and datetime
            return o.isoformat()
        if isinstance(o, Decimal):
            return format(o, "f")
        if is_dataclass(o) and not isinstance(o, type):
            return asdict(o)
        return DefaultJSONProvider.default(o)


def create_sandbox(env: Environment, recent: RecentCalls) -> Flask:
    """The control plane as a WSGI application."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.json = _Json(app)
    app.before_request(partial(_let_in, env))
    app.register_error_handler(CashboxError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crashed)
    _add_clock(app, env)
    _add_runs(app, env)
    sandbox_push.add_push(app, env, _merchant, _body)
    _add_templates(app, env)
    sandbox_mails.add(app, env, _merchant)
    _add_replays(app, env)
    app.add_url_rule("/sandbox/requests", view_func=partial(_requests, recent), endpoint="requests")
    return app


def _add_clock(app: Flask, env: Environment) -> None:
    @app.get("/sandbox/clock")
    def show_clock() -> dict[str, Any]:
        return _clock(sandbox.show_clock(env, _merchant()))

    @app.put("/sandbox/clock")
    def set_clock() -> dict[str, Any]:
        moment = _moment(_body(), "now")
        sandbox.set_clock(env, _merchant(), moment)
        return _clock(sandbox.show_clock(env, _merchant(env)))

    @app.post("/sandbox/clock/advance")
    def advance_clock() -> dict[str, Any]:
        body = _body()
        days = _whole(body, "days", 1, env.settings.max_clock_advance_days)
        report = sandbox.advance_clock(env, _merchant(), days, limit=_limit(body, env), keep=True)
        return _clock(sandbox.show_clock(env, _merchant(env))) | {"report": report.as_json()}


def _add_runs(app: Flask, env: Environment) -> None:
    @app.post("/sandbox/reset")
    def reset() -> dict[str, Any]:
        sandbox.reset(env, _merchant())
        return _clock(sandbox.show_clock(env, _merchant(env)))

    @app.post("/sandbox/bill")
    def bill() -> dict[str, Any]:
        body = _body(required=False)
        until = _moment(body, "until") if "until" in body else env.now(_merchant())
        report = sandbox.run_billing(env, _merchant(), until, limit=_limit(body, env), keep=True)
        return {"report": report.as_json()}

    @app.put("/sandbox/settings")
    def change_settings() -> dict[str, Any]:
        changed = sandbox.change_settings(env, _merchant(), _body())
        return {"settings": changed.as_json()}

    @app.get("/sandbox/tax")
    def show_tax() -> dict[str, Any]:
        return _tax(tax_tables.current(env.database, _merchant().vid))

    @app.put("/sandbox/tax")
    def load_tax() -> dict[str, Any]:
        body = _body()
        changed = tax_tables.change(
            env.database,
            _merchant().vid,
            env.clock.now(),
            rows=_objects(body, "rows") if "rows" in body else None,
            unavailable=_flag(body, "unavailable") if "unavailable" in body else None,
        )
        return _tax(changed)

    @app.put("/sandbox/processor")
    def script_processor() -> dict[str, Any]:
        return {"outcomes": sandbox.script_processor(env, _merchant(), _objects(_body(), "outcomes"))}

    @app.put("/sandbox/gift-cards")
    def put_gift_cards() -> dict[str, Any]:
        return {"cards": sandbox.put_gift_cards(env, _merchant(), _objects(_body(), "cards"))}

    @app.post("/sandbox/chargebacks")
    def receive_chargeback() -> dict[str, Any]:
        draft = sandbox_chargebacks.draft_of(_body(), _moment)
        return sandbox_chargebacks.shown(sandbox.receive_chargeback(env, _merchant(), draft))


def _add_templates(app: Flask, env: Environment) -> None:
    @app.get("/sandbox/templates")
    def list_templates() -> dict[str, Any]:
        return sandbox_templates.shown(env, _merchant())

    @app.put("/sandbox/templates")
    def change_template() -> dict[str, Any]:
        sandbox_templates.change(env, _merchant(), _body())
        return sandbox_templates.shown(env, _merchant())


def _add_replays(app: Flask, env: Environment) -> None:
    @app.get("/sandbox/replays")
    def list_replays() -> dict[str, Any]:
        return {"replays": [_replay(one) for one in sandbox.replays(env, _merchant())]}

    @app.get("/sandbox/replays/<vid>")
    def show_replay(vid: str) -> dict[str, Any]:
        page = _number("page", 0, 0, _MOST_PAGES)
        size = _number("pageSize", DEFAULT_LIMIT, 1, env.settings.max_report_steps)
        found, steps = sandbox.replay_page(env, _merchant(), vid, page, size)
        told = {"page": page, "pageSize": size, "steps": [step.as_json() for step in steps]}
        return _replay(found) | told


def _replay(kept: KeptReplay) -> dict[str, Any]:
    began = kept.began_at.astimezone(_merchant().settings.zone)
    return {"replay": kept.vid, "began": began, "total": kept.steps, "counts": kept.counts}


def _number(name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query string."""
    text = request.args.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text
    return _whole({name: number}, name, least, most)


def _let_in(env: Environment) -> None:
    """Authenticates; a page of another site may not use what a browser remembers of the log-in."""
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") in _FOREIGN_PAGES or (
        origin is not None and origin not in _own_origins(env)
    ):
        raise _Answer(403, "Requests from other web pages are not accepted.")
    given = request.authorization
    login, password = (given.username, given.password) if given and given.type == "basic" else (None, None)
    merchant = (
        env.authenticate(login, password, request.remote_addr or "")
        if login is not None and password is not None
        else None
    )
    if merchant is None:
        raise _Answer(
            401,
            "Log in with the merchant's login and password.",
            ("WWW-Authenticate", 'Basic realm="sandbox"'),
        )
    g.merchant = merchant


def _own_origins(env: Environment) -> frozenset[str]:
    port = int(request.environ.get("SERVER_PORT") or 0)
    return frozenset({env.settings.base_url(port).rstrip("/")})


def _merchant(env: Environment | None = None) -> MerchantContext:
    """The merchant of this request; with ``env`` as it is stored now, after a change."""
    merchant: MerchantContext = g.merchant
    return merchant if env is None else env.merchant(merchant.login)


def _clock(now: datetime) -> dict[str, Any]:
    zone = _merchant().settings.zone
    return {"now": now.astimezone(zone)}


def _body(required: bool = True) -> Mapping[str, Any]:
    """The JSON object sent. Raises InvalidValue for anything else."""
    if not required and not request.get_data():
        return {}
    if not request.is_json:
        raise _Answer(415, "Send a JSON object with Content-Type: application/json.")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _Answer(400, "Send a JSON object.")
    return body


def _moment(body: Mapping[str, Any], name: str) -> datetime:
    """The ISO 8601 moment called ``name``; without an offset it is in the merchant's time zone (conventions §6.1)."""
    if name not in body:
        raise MissingField(name)
    text = body[name]
    try:
        return parse_moment(text, _merchant().settings.zone)
    except (TypeError, ValueError):
        raise InvalidValue(name, text, "is not an ISO 8601 moment, such as 2024-02-29T12:00:00Z") from None


def _whole(body: Mapping[str, Any], name: str, least: int, most: int) -> int:
    if name not in body:
        raise MissingField(name)
    number = body[name]
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise InvalidValue(name, number, f"must be a whole number from {least} to {most}")
    return number


def _limit(body: Mapping[str, Any], env: Environment) -> int:
    """How many steps the report is to show."""
    most = env.settings.max_report_steps
    return _whole({"limit": min(DEFAULT_LIMIT, most)} | dict(body), "limit", 0, most)


def _objects(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    if name not in body:
        raise MissingField(name)
    objects = body[name]
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise InvalidValue(name, str(objects)[:40], "is not a list of objects")
    return objects


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body[name]
    if not isinstance(value, bool):
        raise InvalidValue(name, str(value)[:40], "must be true or false")
    return value


def _tax(loaded: tax_tables.Loaded) -> dict[str, Any]:
    return {"rows": [as_row(rate) for rate in loaded.table.rates], "unavailable": loaded.unavailable}


def _requests(recent: RecentCalls) -> dict[str, Any]:
    return {"requests": [_shown(call) for call in recent.of_merchant(_merchant().vid)]}


def _shown(call: FinishedCall) -> dict[str, Any]:
    return {
        "time": call.at,
        "service": call.service,
        "operation": call.operation,
        "version": call.version,
        "soapId": call.soap_id,
        "returnCode": call.return_code,
        "milliseconds": round(call.seconds * 1000, 3),
    }


class _Answer(HTTPException):
    """An error answer of this interface."""

    def __init__(self, status: int, text: str, *headers: tuple[str, str]) -> None:
        super().__init__(text)
        self.code = status
        self.headers = headers


def _http_error(error: HTTPException) -> tuple[dict[str, Any], int, list[tuple[str, str]]]:
    headers = (
        list(error.headers)
        if isinstance(error, _Answer)
        else [header for header in error.get_headers() if header[0] == "Allow"]
    )
    return {"error": error.description}, error.code or 500, headers


def _refused(error: CashboxError) -> tuple[dict[str, Any], int]:
    if isinstance(error, IllegalState):
        return {"error": str(error)}, 409
    if isinstance(error, sandbox.ReplayNotFound):
        return {"error": str(error)}, 404
    return {"error": str(error)}, 400


def _crashed(error: Exception) -> tuple[dict[str, Any], int]:
    log.exception("control plane failed", exc_info=error, path=request.path)
    return {"error": "Internal error; the log has the cause."}, 500
