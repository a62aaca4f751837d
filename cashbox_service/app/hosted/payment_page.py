"""The service's own page for the form of a WebSession: what it shows, and what becomes of what a customer gives.

Whoever knows the VID of a session may see its page and give a card, as with the merchant's own form; there is no log-in
that another site could borrow. What is given is checked here first, and taken into the session only when nothing is
wrong with it: a mistyped number costs the customer a correction, not the session (websession §5.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from cashbox_service.app.context import Work
from cashbox_service.app.environment import Environment
from cashbox_service.app.hosted import web_sessions
from cashbox_service.app.hosted.page_goods import Basket
from cashbox_service.app.hosted.web_sessions import State, WebSessionNotFound
from cashbox_service.domain import hosted_page
from cashbox_service.domain.hosted_form import FormName, FormValue, method_ids
from cashbox_service.domain.hosted_goods import Goods
from cashbox_service.domain.hosted_method import HostedMethod, method_named
from cashbox_service.domain.hosted_page import Ask, Problem
from cashbox_service.domain.instruments import PaymentMethodType, last_digits
from cashbox_service.domain.return_address import page_address, with_query
from cashbox_service.store.entities import PaymentMethod, WebSession
from cashbox_service.store.repositories.web_sessions import owner_of

SESSION: Final = "session_id"
"""What the merchant's pages are told the session by."""


class Standing(StrEnum):
    """What a session's page can do."""

    OPEN = "open"
    EXPIRED = "expired"
    USED = "used"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A page to be shown.

    ``way_back`` leads to the merchant. ``sent_before``: details were given already, and may be given anew until the
    merchant ends the session. ``card_end``: the last digits of the stored card that this is about. ``names`` are what
    choices are called, by the value that stands for them.
    """

    standing: Standing
    merchant_name: str
    way_back: str
    frames: tuple[str, ...]
    sent_before: bool = False
    pays: bool = True
    asks: tuple[Ask, ...] = ()
    goods: Goods | None = None
    minutes: int = 0
    today: date = date.min
    card_end: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the answers: the merchant's page to go to, or the page again with what is wrong by question."""

    page: PaymentPage
    way_on: str | None
    problems: Mapping[str, Problem] = field(default_factory=dict)


def opened(env: Environment, vid: str, language: str) -> PaymentPage:
    """The page of a session as it is now. Raises WebSessionNotFound."""
    work = _work(env, vid)
    try:
        session = work.uow.web_sessions.by_vid(vid)
        assert session is not None
        return _Reading(work, session, language).page()
    finally:
        work.close()


def send(env: Environment, vid: str, given: Mapping[str, str], source_ip: str, language: str) -> Sent:
    """Take the answers into the session, unless something is wrong with them. Raises WebSessionNotFound.

    Who sends a form twice and comes after the merchant has ended the session goes where the first one went.
    """
    page = opened(env, vid, language)
    if page.standing in (Standing.USED, Standing.UNSUPPORTED):
        return Sent(page, page.way_back)
    answers = hosted_page.answered(page.asks, given, page.today)
    if answers.problems:
        return Sent(page, None, answers.problems)
    form = [("vin_WebSession_vid", vid), *_fixed_form(env, vid, page), *answers.values]
    received = web_sessions.receive(env, form, source_ip, ajax=False)
    if received.accepted:
        return Sent(page, with_query(received.url, {SESSION: vid}))
    now = opened(env, vid, language)
    return Sent(now, now.way_back)


def _fixed_form(env: Environment, vid: str, page: PaymentPage) -> list[tuple[str, str]]:
    """What a form of the session has to say beside the answers."""
    work = _work(env, vid)
    try:
        session = work.uow.web_sessions.by_vid(vid)
        assert session is not None
        kept = list(hosted_page.kept(web_sessions.private_values(work, session)))
    finally:
        work.close()
    return [*kept, ("vin_PaymentMethod_type", hosted_page.CARD)] if page.pays else kept


def _work(env: Environment, vid: str) -> Work:
    owner = owner_of(env.database, vid)
    merchant = env.merchant_of(owner) if owner is not None else None
    if merchant is None:
        raise WebSessionNotFound("VID", vid)
    return env.open(merchant)


class _Reading:
    """Reads what the page of one session shows."""

    def __init__(self, work: Work, session: WebSession, language: str) -> None:
        self._work = work
        self._session = session
        self._language = language
        self._fixed: Sequence[FormValue] = web_sessions.private_values(work, session)
        self._values: dict[FormName, str] = {
            each.field: each.value for each in self._fixed if each.field is not None
        }
        method = method_named(session.method)
        assert method is not None
        self._method: HostedMethod = method

    def page(self) -> PaymentPage:
        standing, session = self._standing(), self._session
        url = session.return_url if standing is Standing.USED else session.error_url or session.return_url
        settings = self._work.settings
        shown = PaymentPage(
            standing,
            settings.payment_page_name or self._work.merchant.name,
            with_query(page_address(url), {SESSION: session.vid}),
            settings.payment_page_frames,
        )
        return self._questions(shown) if standing is Standing.OPEN else shown

    def _standing(self) -> Standing:
        state = State(self._session.state)
        if state is State.REJECTED:
            return Standing.REFUSED
        if state in (State.FINALIZING, State.FINALIZED):
            return Standing.USED
        if self._work.now >= self._session.expires_at:
            return Standing.EXPIRED
        pays = hosted_page.pays(self._method)
        if pays and hosted_page.payment_type(self._fixed) is None:
            return Standing.UNSUPPORTED
        return Standing.OPEN

    def _questions(self, shown: PaymentPage) -> PaymentPage:
        stored = self._stored_card()
        asks = hosted_page.asked(self._method, self._fixed, has_card=stored is not None)
        basket = Basket(self._work, self._session, self._method, self._values, self._language)
        left = self._session.expires_at - self._work.now
        return PaymentPage(
            shown.standing,
            shown.merchant_name,
            shown.way_back,
            shown.frames,
            sent_before=self._session.state == State.POSTED,
            pays=hosted_page.pays(self._method),
            asks=asks,
            goods=basket.goods(),
            minutes=int(left.total_seconds() // 60),
            today=self._work.today,
            card_end=last_digits(stored.details.get("account") or "") if stored is not None else None,
            names={choice: basket.choice_name(ask, choice) for ask in asks for choice in ask.choices},
        )

    def _stored_card(self) -> PaymentMethod | None:
        vid, merchant_id = method_ids(self._values)
        methods = self._work.uow.payment_methods
        found = methods.by_vid(vid) if vid else None
        if found is None and merchant_id:
            found = methods.by_merchant_id(merchant_id)
        return found if found is not None and found.type == PaymentMethodType.CREDIT_CARD else None
