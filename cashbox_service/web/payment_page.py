"""The ready-made payment page of a WebSession: ``GET`` and ``POST /pay/<VID>`` (docs/hosted-orders.md).

The page is one document that loads nothing: its style and script are part of it and named by their hashes in the
Content-Security-Policy, so that nothing else can run there. It works without the script. Numbers that were typed in are
never written back into a page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, HTTPException

from cashbox_service.app.environment import Environment
from cashbox_service.app.hosted import payment_page
from cashbox_service.app.hosted.payment_page import PaymentPage, Standing
from cashbox_service.app.hosted.web_sessions import WebSessionNotFound
from cashbox_service.domain.hosted_goods import Goods
from cashbox_service.domain.hosted_page import WITHOUT_POSTAL_CODES, Ask, Group, Problem
from cashbox_service.web import payment_texts
from cashbox_service.web.payment_texts import DEFAULT, LANGUAGES, fill

PREFIX: Final = "/pay/"

_MAX_BODY_BYTES: Final = 32 * 1024
_MAX_FIELDS: Final = 200
_STATIC: Final = Path(__file__).parent / "static"
_CSS: Final = (_STATIC / "pay.css").read_text(encoding="utf-8")
_JS: Final = (_STATIC / "pay.js").read_text(encoding="utf-8")
_FOREIGN_PAGES: Final = frozenset({"cross-site", "same-site"})
_NEVER_REPEATED: Final = frozenset({"number", "cvn"})

_TEXT: Final = (("maxlength", "255"),)
_DIGITS: Final = (("inputmode", "numeric"), ("spellcheck", "false"))
_ATTRIBUTES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "holder": (*_TEXT, ("autocomplete", "cc-name"), ("spellcheck", "false")),
    "number": (*_DIGITS, ("autocomplete", "cc-number"), ("maxlength", "30")),
    "expiry": (*_DIGITS, ("autocomplete", "cc-exp"), ("maxlength", "9")),
    "cvn": (*_DIGITS, ("autocomplete", "cc-csc"), ("maxlength", "4")),
    "name": (*_TEXT, ("autocomplete", "name")),
    "email": (*_TEXT, ("autocomplete", "email")),
    "postalCode": (("data-unless", WITHOUT_POSTAL_CODES),),
}
_ADDRESS_TOKENS: Final = {
    "addr1": "address-line1",
    "addr2": "address-line2",
    "city": "address-level2",
    "district": "address-level1",
    "postalCode": "postal-code",
    "country": "country",
}
_CHOICE_LABELS: Final = {"currency": "currency", "billingplan": "plan", "product": "product"}


@dataclass(frozen=True, slots=True)
class _Question:
    """An `Ask` as the template shows it."""

    key: str
    group: str
    label: str
    type: str
    value: str
    required: bool
    optional: bool
    attributes: Sequence[tuple[str, str]]
    messages: Sequence[tuple[str, str]]
    hint: str | None = None
    select: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """The questions of a group under its heading."""

    legend: str
    asks: Sequence[_Question]


def create_payment_page(env: Environment) -> Flask:
    """The pages as a WSGI application."""
    app = Flask(__name__, static_folder=None, template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = _MAX_FIELDS
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_error_handler(WebSessionNotFound, _unknown)
    app.register_error_handler(HTTPException, _refused)

    @app.get(f"{PREFIX}<vid>")
    def show(vid: str) -> Response:
        page = payment_page.opened(env, vid, _language())
        return _form(page, {}, {}) if page.standing is Standing.OPEN else _closed(page)

    @app.post(f"{PREFIX}<vid>")
    def send(vid: str) -> Response:
        if request.headers.get("Sec-Fetch-Site") in _FOREIGN_PAGES:
            raise Forbidden
        given = request.form.to_dict()
        sent = payment_page.send(env, vid, given, request.remote_addr or "", _language())
        if sent.way_on is None:
            return _form(sent.page, given, sent.problems)
        return _notice("done", sent.page, 200, url=sent.way_on, goes_on=True)

    return app


# --- pages -------------------------------------------------------------------------------------------------------


def _form(page: PaymentPage, given: Mapping[str, str], problems: Mapping[str, Problem]) -> Response:
    words = _Words(_language(), page)
    told = {key: words.problem(_ask(page, key), problem) for key, problem in problems.items()}
    return _answer(
        "pay.html",
        words.language,
        422 if problems else 200,
        page,
        title=words.title(),
        t=words.texts,
        problems=told,
        first_problem=next(iter(told), None),
        sent_before=page.sent_before,
        goods=words.goods(),
        groups=words.groups(given),
        button=words.button(),
        pays=page.pays,
        today=f"{page.today:%Y-%m}",
        way_back=page.way_back,
        js=Markup(_JS),  # noqa: S704  our own file
    )


def _ask(page: PaymentPage, key: str) -> Ask:
    return next(ask for ask in page.asks if ask.key == key)


def _closed(page: PaymentPage) -> Response:
    return _notice(page.standing.value, page, 410, url=page.way_back)


def _notice(
    kind: str, page: PaymentPage | None, status: int, *, url: str | None = None, goes_on: bool = False
) -> Response:
    texts = payment_texts.filled(_language(), {"merchant": page.merchant_name if page is not None else ""})
    return _answer(
        "notice.html",
        _language(),
        status,
        page,
        title=texts[f"{kind}_title"],
        text=texts[f"{kind}_text"],
        url=url,
        link=texts["continue"] if goes_on else texts["back"],
        goes_on=goes_on,
    )


def _unknown(_error: WebSessionNotFound) -> Response:
    return _notice("unknown", None, 404)


def _refused(error: HTTPException) -> Any:
    answer = _notice("failed", None, error.code or 500)
    allowed = error.get_response().headers.get("Allow")
    if allowed is not None:
        answer.headers["Allow"] = allowed
    return answer


def _answer(template: str, language: str, status: int, page: PaymentPage | None, **values: Any) -> Response:
    merchant = page.merchant_name if page is not None else ""
    css = Markup(_CSS)  # noqa: S704  our own file
    body = render_template(template, language=language, merchant=merchant, css=css, **values)
    answer = Response(body, status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _policy(page.frames if page is not None else ())
    answer.headers["Content-Language"] = language
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["X-Robots-Tag"] = "noindex"
    if page is not None and page.frames:
        # Browsers too old for frame-ancestors know no list: there the page stays out of frames.
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_SOURCES: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src {_hash(_CSS)}",
        f"script-src {_hash(_JS)}",
        "form-action 'self'",
        "base-uri 'none'",
    )
)
_NOBODY: Final = "'none'"


def _policy(frames: Sequence[str]) -> str:
    return f"{_SOURCES}; frame-ancestors {' '.join(frames) or _NOBODY}"


def _language() -> str:
    """What the address asks for (``?lang=de``), else what the browser does."""
    asked = request.args.get("lang", "").lower()
    return asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or DEFAULT


# --- words -------------------------------------------------------------------------------------------------------


class _Words:
    """Says what a page has to say in one language."""

    def __init__(self, language: str, page: PaymentPage) -> None:
        self.language = language
        self._page = page
        known = {
            "merchant": page.merchant_name,
            "minutes": str(max(page.minutes, 1)),
            "end": page.card_end or "",
        }
        self.texts = payment_texts.filled(language, known)

    def title(self) -> str:
        goods = self._page.goods
        if not self._page.pays:
            return self.texts["title_account"]
        if goods is None:
            return self.texts["title_card"]
        return self.texts["title_subscribe" if goods.plan else "title_pay"]

    def button(self) -> str:
        goods = self._page.goods
        if not self._page.pays:
            return self.texts["send"]
        if goods is None:
            return self.texts["save"]
        if goods.plan:
            return self.texts["subscribe"]
        if goods.total is None or goods.may_be_taxed:
            return self.texts["pay"]
        return fill(self.texts["pay_amount"], {"amount": payment_texts.money(goods.total, self.language)})

    def goods(self) -> dict[str, Any] | None:
        goods = self._page.goods
        if goods is None:
            return None
        lines = [
            {
                "text": line.text,
                "quantity": payment_texts.number(line.quantity, self.language)
                if line.quantity != 1
                else None,
                "amount": payment_texts.money(line.amount, self.language)
                if line.amount is not None
                else None,
            }
            for line in goods.lines
        ]
        total = payment_texts.money(goods.total, self.language) if goods.total is not None else None
        label = self.texts["total_each" if goods.plan else "total"]
        return {"lines": lines, "total": total, "total_label": label, "remarks": self._remarks(goods)}

    def _remarks(self, goods: Goods) -> list[str]:
        plan = [fill(self.texts["plan"], {"plan": goods.plan})] if goods.plan else []
        return [*plan, self.texts["may_be_taxed"]] if goods.may_be_taxed else plan

    def groups(self, given: Mapping[str, str]) -> list[_Part]:
        parts = []
        for group in Group:
            asks = [self._question(ask, given) for ask in self._page.asks if ask.group is group]
            if asks:
                is_shipping = group is Group.ADDRESS and not self._page.pays
                parts.append(_Part(self.texts[f"group_{'shipping' if is_shipping else group}"], asks))
        return parts

    def _question(self, ask: Ask, given: Mapping[str, str]) -> _Question:
        attributes = _ATTRIBUTES.get(ask.key, ())
        if ask.key in _ADDRESS_TOKENS:
            use = "billing" if self._page.pays else "shipping"
            attributes = (*attributes, ("autocomplete", f"{use} {_ADDRESS_TOKENS[ask.key]}"))
        select = self._select(ask)
        if ask.group is Group.ADDRESS and not select:
            attributes = (*_TEXT, *attributes)
        return _Question(
            ask.key,
            ask.group.value,
            self._label(ask),
            "email" if ask.key == "email" else "text",
            "" if ask.key in _NEVER_REPEATED else given.get(ask.key, ""),
            ask.required and ask.key != "postalCode",
            not ask.required and not (ask.key == "number" and self._page.card_end),
            attributes,
            [(problem.value, self.problem(ask, problem)) for problem in self._possible(ask)],
            self._hint(ask),
            select,
        )

    def _possible(self, ask: Ask) -> list[Problem]:
        """What the script can find wrong; a text is there for each."""
        name = self._name(ask)
        return [
            problem
            for problem in (Problem.MISSING, Problem.INVALID, Problem.PAST)
            if f"{problem}_{name}" in self.texts
        ]

    def _name(self, ask: Ask) -> str:
        return "choice" if ask.group is Group.CHOICE else ask.key

    def problem(self, ask: Ask, problem: Problem) -> str:
        """What to tell of it."""
        return self.texts.get(f"{problem}_{self._name(ask)}") or self.texts[problem.value]

    def _label(self, ask: Ask) -> str:
        if ask.group is not Group.CHOICE:
            return self.texts[f"label_{ask.key}"]
        steps = (ask.field.object.lower(), *ask.field.path)
        known = next((label for step, label in _CHOICE_LABELS.items() if step in steps), "choice")
        return self.texts[f"label_{known}"]

    def _hint(self, ask: Ask) -> str | None:
        if ask.key == "number" and self._page.card_end:
            return self.texts["hint_kept"]
        return self.texts.get(f"hint_{ask.key}")

    def _select(self, ask: Ask) -> Sequence[tuple[str, str]]:
        """What can be chosen, where it is not typed in."""
        if ask.key == "country":
            known = payment_texts.countries(self.language)
            return [pair for pair in known if pair[0] in ask.choices] if ask.choices else known
        return [(choice, self._page.names.get(choice, choice)) for choice in ask.choices]
