"""The address that browsers post the forms of WebSessions to (websession §5).

What was posted is kept, and the browser sent on: to the merchant's page for accepted forms, or the one for refused
ones. Nothing of a form is ever logged or shown here.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, Response, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from cashbox_service.app.environment import Environment
from cashbox_service.app.hosted import web_sessions
from cashbox_service.app.hosted.web_sessions import Received, WebSessionNotFound
from cashbox_service.domain.return_address import origin_of, with_query

PATHS = ("/vws", "/vws.html")

_MAX_BODY_BYTES = 64 * 1024
_MAX_FIELDS = 500
_SESSION = "session_id"
_PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<p>{content}</p>
</html>
""")


def create_hosted_orders(env: Environment) -> Flask:
    """The addresses as a WSGI application."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = _MAX_FIELDS
    app.register_error_handler(WebSessionNotFound, _unknown)
    app.register_error_handler(HTTPException, _refused)
    for path in PATHS:
        app.add_url_rule(
            path,
            view_func=partial(_receive, env),
            endpoint=path,
            methods=["POST"],
            provide_automatic_options=False,
        )
        app.add_url_rule(
            path, view_func=partial(_preflight, env), endpoint=f"{path} asked", methods=["OPTIONS"]
        )
    return app


def _receive(env: Environment) -> Response:
    pairs = list(request.form.items(multi=True))
    if len(pairs) > _MAX_FIELDS or request.files:
        return _page(413, "Too much was sent.")
    is_script = request.headers.get("X-Requested-With", "").lower() == "xmlhttprequest"
    received = web_sessions.receive(env, pairs, request.remote_addr or "", ajax=is_script)
    url = with_query(received.url, {_SESSION: received.session_vid})
    if received.by_header:
        answer = Response(status=200, content_type="text/html; charset=utf-8")
        answer.headers["Redirect-URL"] = url
    else:
        link = Markup('<a href="{url}">Continue</a>').format(url=url)
        answer = Response(
            _PAGE.format(title="Continue", content=link), 302, content_type="text/html; charset=utf-8"
        )
        answer.headers["Location"] = url
        answer.autocorrect_location_header = False
    return _readable(answer, received)


def _readable(answer: Response, received: Received) -> Response:
    """Let scripts of the merchant's own pages read where to go."""
    origin = request.headers.get("Origin", "")
    if origin and origin.lower() in {origin_of(page) for page in received.pages}:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Expose-Headers"] = "Redirect-URL"
        answer.headers["Vary"] = "Origin"
    return answer


def _preflight(_env: Environment) -> Response:
    """A browser asks whether a script may post a form; who may read the answer is decided when it comes."""
    answer = Response(status=204)
    origin = request.headers.get("Origin")
    if origin:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Allow-Methods"] = "POST"
        answer.headers["Access-Control-Allow-Headers"] = "X-Requested-With, Content-Type"
        answer.headers["Vary"] = "Origin"
    return answer


def _page(status: int, content: str) -> Response:
    return Response(
        _PAGE.format(title="Not accepted", content=content), status, content_type="text/html; charset=utf-8"
    )


def _unknown(_error: WebSessionNotFound) -> Response:
    return _page(404, "This page is not known.")


def _refused(error: HTTPException) -> Any:
    answer = _page(error.code or 500, error.name)
    if error.code == 405:
        answer.headers["Allow"] = "POST, OPTIONS"
    return answer
