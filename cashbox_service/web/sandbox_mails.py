"""The mails of a merchant in the sandbox: as JSON, and as pages for those who ask with a browser.

What customers and merchants wrote is shown in a document of its own that may load nothing and run nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from markupsafe import Markup

from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import mailbag
from cashbox_service.domain.errors import InvalidValue, MailNotFound

PATH = "/sandbox/mails"

_FILTERS = ("state", "kind", "account")
_BODY_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

_PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1>
{content}
</html>
""")
_TABLE = Markup("""<table>
<tr><th>Date</th><th>Kind</th><th>State</th><th>To</th><th>Subject</th></tr>
{rows}
</table>""")
_ROW = Markup(
    '<tr><td>{date}</td><td>{kind}</td><td>{state}</td><td>{to}</td><td><a href="{path}/{id}">{subject}</a></td></tr>'
)
_MAIL = Markup("""<dl>
{heads}
</dl>
{html}
<pre>{text}</pre>
<p><a href="{path}">All mails</a></p>""")
_HEAD = Markup("<dt>{name}</dt><dd>{value}</dd>")
_HTML_LINK = Markup('<p><a href="{path}/{id}/html">HTML body</a></p>')


def add(app: Flask, env: Environment, merchant: Callable[[], MerchantContext]) -> None:
    """The paths under ``/sandbox/mails``."""

    @app.get(PATH)
    def list_mails() -> Any:
        filters = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
        mails = mailbag.listed(env, merchant(), limit=_limit(), **filters)
        return _list_page(mails) if _by_browser() else {"mails": mails}

    @app.get(f"{PATH}/<row_id>")
    def show_mail(row_id: str) -> Any:
        mail = mailbag.shown(env, merchant(), row_id)
        return _mail_page(mail) if _by_browser() else {"mail": mail}

    @app.get(f"{PATH}/<row_id>/html")
    def show_html(row_id: str) -> Response:
        body = mailbag.shown(env, merchant(), row_id)["html"] or ""
        return Response(body, mimetype="text/html", headers={"Content-Security-Policy": _BODY_POLICY})

    app.register_error_handler(MailNotFound, _unknown)


def _limit() -> int:
    given = request.args.get("limit", "100")
    if not given.isascii() or not given.isdigit() or len(given) > len(str(mailbag.MAX_LISTED)):
        raise InvalidValue("limit", given[:40], f"must be from 1 to {mailbag.MAX_LISTED}")
    return int(given)


def _by_browser() -> bool:
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"


def _list_page(mails: list[dict[str, Any]]) -> str:
    rows = Markup("\n").join(
        _ROW.format(**mail | {"subject": mail["subject"] or "(none)", "path": PATH}) for mail in mails
    )
    return _PAGE.format(title="Mails", content=_TABLE.format(rows=rows))


def _mail_page(mail: dict[str, Any]) -> str:
    heads = Markup("\n").join(
        _HEAD.format(name=name, value=value)
        for name, value in mail.items()
        if value is not None and name not in ("text", "html")
    )
    link = _HTML_LINK.format(path=PATH, id=mail["id"]) if mail["html"] is not None else ""
    content = _MAIL.format(heads=heads, html=link, text=mail["text"] or "", path=PATH)
    return _PAGE.format(title=mail["subject"] or "Mail", content=content)


def _unknown(error: MailNotFound) -> tuple[dict[str, Any], int]:
    return {"error": str(error)}, 404
