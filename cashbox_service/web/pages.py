"""The sandbox's pages for customers: one form that agrees to a payment or refuses it (payment-method §5.2).

They stand in for the pages of PayPal, Skrill, hosted page providers and carriers, in sandbox mode only. Nobody logs in:
whoever has the token of a visit may decide it.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Flask, redirect, request
from markupsafe import Markup, escape

from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import sandbox_pages
from cashbox_service.domain.errors import NothingFound
from cashbox_service.processors.protocol import ProcessorAddress

PATH = "/sandbox/paypal"

_MAX_BODY_BYTES = 16 * 1024
_ADDRESS = {
    "name": "Name",
    "addr1": "Street",
    "city": "City",
    "district": "State",
    "postal_code": "Postal code",
    "country": "Country",
}
_LONGEST = 256

_PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1>
{content}
</html>
""")
_FORM = Markup("""<p>{type} payment of {amount}</p>
<form method="post" action="{path}">
<input type="hidden" name="token" value="{token}">
<fieldset><legend>Ship to another address</legend>
{fields}
</fieldset>
<button name="decision" value="agree">Agree and pay</button>
<button name="decision" value="refuse">Cancel and return</button>
</form>""")
_FIELD = Markup('<p><label>{label} <input name="{name}" maxlength="{longest}"></label></p>')


def create_pages(env: Environment) -> Flask:
    """The pages as a WSGI application."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.register_error_handler(NothingFound, _unknown)
    app.add_url_rule(PATH, view_func=partial(_show, env), endpoint="show", methods=["GET"])
    app.add_url_rule(PATH, view_func=partial(_decide, env), endpoint="decide", methods=["POST"])
    return app


def _show(env: Environment) -> str:
    visit = sandbox_pages.opened(env, request.args.get("token", ""))
    fields = Markup("\n").join(
        _FIELD.format(label=label, name=name, longest=_LONGEST) for name, label in _ADDRESS.items()
    )
    content = _FORM.format(
        type=visit.type, amount=str(visit.amount), path=PATH, token=visit.token, fields=fields
    )
    return _PAGE.format(title="Sandbox payment", content=content)


def _decide(env: Environment) -> Any:
    agreed = request.form.get("decision") == "agree"
    token = request.form.get("token", "")
    decided = sandbox_pages.decide(env, token, agreed=agreed, address=_address() if agreed else None)
    if decided.way_back is not None:
        return redirect(decided.way_back, HTTPStatus.SEE_OTHER)
    said = "The payment is agreed to." if decided.agreed else "The payment is cancelled."
    return _PAGE.format(title="Sandbox payment", content=Markup("<p>{}</p>").format(said))


def _address() -> ProcessorAddress | None:
    """Where the customer wants the order sent, if he says so."""
    given = {name: request.form.get(name, "").strip()[:_LONGEST] for name in _ADDRESS}
    return (
        ProcessorAddress(**{name: text or None for name, text in given.items()})
        if any(given.values())
        else None
    )


def _unknown(error: NothingFound) -> tuple[str, int]:
    return _PAGE.format(title="Unknown page", content=Markup("<p>{}</p>").format(escape(str(error)))), 404
