"""WebSessions: prepared by the merchant, filled by a browser, ended by the merchant (websession §5, §6).

A session goes from *initialized* over *posted* to *finalizing* and *finalized*; a form that is refused makes it
*rejected*, which is its end. What the call itself does is nothing of this module: it says when a call may be made, with
which values, and keeps what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.environment import Environment
from cashbox_service.app.hosted import session_secrets
from cashbox_service.app.hosted.session_secrets import Given
from cashbox_service.app.lookup import named
from cashbox_service.domain import hosted_form
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import (
    CashboxError,
    InvalidRequest,
    MissingField,
    NotFound,
)
from cashbox_service.domain.hosted_form import FormName, FormRefused, FormValue
from cashbox_service.domain.hosted_method import WEB_SESSION, HostedMethod, method_named
from cashbox_service.domain.return_address import is_web_address, page_address
from cashbox_service.ids import new_vid
from cashbox_service.logging import get_logger
from cashbox_service.redaction import redact_text
from cashbox_service.store.entities import PaymentMethod, WebSession
from cashbox_service.store.repositories.web_sessions import owner_of

log = get_logger(__name__)

OK: Final = 200
_BAD: Final = 400
_USED: Final = 401
_INTERNAL: Final = 500
_SECRETS_AT_ONCE: Final = 100
_LONGEST_IP: Final = 64

FINALIZING_PATIENCE: Final = timedelta(minutes=10)
"""A session that is finalizing for longer has lost the process that did it."""


class State(StrEnum):
    """Where a session is."""

    INITIALIZED = "initialized"
    POSTED = "posted"
    REJECTED = "rejected"
    FINALIZING = "finalizing"
    FINALIZED = "finalized"


_OPEN: Final = frozenset({State.INITIALIZED, State.POSTED})


class WebSessionNotFound(NotFound):
    """No such session."""

    kind = "session"


class WebSessionExpired(InvalidRequest):
    """The session's time is over."""

    def __init__(self) -> None:
        super().__init__("WebSession has expired")


class WebSessionUsed(CashboxError):
    """The session has been used, or its form was refused."""

    def __init__(self) -> None:
        super().__init__(
            "WebSession has already been used or experienced an error. Please check the WebSession return and "
            "initiate a new WebSession."
        )


@dataclass(frozen=True, slots=True)
class WebSessionDraft:
    """What a merchant says of a new session."""

    method: str | None = None
    version: str | None = None
    return_url: str | None = None
    error_url: str | None = None
    ip_address: str | None = None
    name_values: tuple[NameValue, ...] = ()
    parameters: tuple[NameValue, ...] = ()
    private_values: tuple[NameValue, ...] = ()


@dataclass(frozen=True, slots=True)
class HostedCall:
    """A call to be made now: its method, the values of its objects, its parameters, whatever else belongs to it."""

    session_vid: str
    method: HostedMethod
    version: str
    values: Mapping[FormName, str] = field(repr=False)
    parameters: tuple[NameValue, ...]
    name_values: tuple[NameValue, ...]
    source_ip: str
    refusal: FormRefused | None = None
    """What is wrong with the values, where no browser has been told."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a call created or changed."""

    account_vid: str | None = None
    autobill_vid: str | None = None
    payment_method_vid: str | None = None
    transaction_vid: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What becomes of a posted form: whether it was accepted, and where the browser goes.

    ``by_header``: a script has posted it, and is told in a header. ``pages`` are the session's own pages.
    """

    session_vid: str
    accepted: bool
    url: str
    by_header: bool
    pages: tuple[str, ...]


def initialize(work: Work, draft: WebSessionDraft | None, is_served: Callable[[str], bool]) -> WebSession:
    """A new session; ``is_served`` tells whether there is such a version. Raises InvalidRequest."""
    draft = draft or WebSessionDraft()
    _check(draft, is_served)
    assert draft.method is not None
    assert draft.version is not None
    assert draft.return_url is not None
    assert draft.ip_address is not None
    session = WebSession(
        vid=new_vid(),
        state=State.INITIALIZED.value,
        method=draft.method,
        api_version=draft.version,
        return_url=draft.return_url,
        error_url=draft.error_url or draft.return_url,
        ip_address=draft.ip_address[:_LONGEST_IP],
        expires_at=work.now + timedelta(minutes=work.settings.web_session_minutes),
        parameters=draft.parameters,
        api_code=OK,
        api_text="OK",
        created_at=work.now,
        changed_at=work.now,
        merchant_vid=work.merchant.vid,
    )
    session_secrets.keep(work, session, Given(draft.name_values, draft.private_values))
    with work.writing():
        work.uow.web_sessions.add(session)
    return session


def _check(draft: WebSessionDraft, is_served: Callable[[str], bool]) -> None:
    """In the order in which the original tells of mistakes (websession §6.1)."""
    if not draft.version:
        raise InvalidRequest("Missing required parameter: version version.")
    if not is_served(draft.version):
        raise InvalidRequest("Invalid parameter: Unsupported version.")
    if not draft.method:
        raise InvalidRequest("Missing required parameter: method.")
    if method_named(draft.method) is None:
        raise InvalidRequest("Invalid parameter: Unsupported method.")
    if not draft.return_url:
        raise InvalidRequest("Unable to initialize WebSession: Missing required parameter: returnURL.")
    for name, url in (("returnURL", draft.return_url), ("errorURL", draft.error_url)):
        if url and not is_web_address(page_address(url)):
            raise InvalidRequest(f"Invalid parameter: {name}.")
    if not draft.ip_address:
        raise InvalidRequest("Missing required parameter: ipAddress.")


def by_vid(work: Work, vid: str | None) -> WebSession:
    """Raises MissingField, WebSessionNotFound."""
    return named("vid", vid, work.uow.web_sessions.by_vid, WebSessionNotFound, "VID")


def private_values(work: Work, session: WebSession) -> tuple[FormValue, ...]:
    """What the merchant alone decides, secrets among it."""
    return hosted_form.private(
        session_secrets.pairs_of(session_secrets.given_to(work, session).private_values)
    )


# --- the browser -------------------------------------------------------------------------------------------------


def receive(env: Environment, pairs: Sequence[tuple[str, str]], source_ip: str, *, ajax: bool) -> Received:
    """Keep what a browser posted, or why it is refused. Raises WebSessionNotFound."""
    sent = hosted_form.posted(pairs)
    vid = _session_vid(sent)
    owner = owner_of(env.database, vid) if vid else None
    if owner is None:
        raise WebSessionNotFound("VID", vid or "")
    merchant = env.merchant_of(owner)
    assert merchant is not None
    work = env.open(merchant)
    try:
        with work.writing():
            session = work.uow.web_sessions.lock(vid)
            assert session is not None
            accepted = _received(work, session, sent, source_ip)
            by_header = ajax or session.return_url.lower().startswith("ajax") or _asks_for_header(sent)
            url = session.return_url if accepted else (session.error_url or session.return_url)
            pages = (page_address(session.return_url), page_address(session.error_url or session.return_url))
        return Received(vid, accepted, page_address(url), by_header, pages)
    finally:
        work.close()


def _received(work: Work, session: WebSession, sent: Sequence[FormValue], source_ip: str) -> bool:
    """Whether the form is accepted. What is said of a session that is over stays (websession §5.2)."""
    state = State(session.state)
    if state not in _OPEN:
        return False
    if work.now >= session.expires_at:
        _say(work, session, _BAD, str(WebSessionExpired()))
        return False
    session.posted = tuple(
        NameValue(name, redact_text(value)) for name, value in hosted_form.shown(session.vid, sent)
    )
    session.posted_from = source_ip[:_LONGEST_IP]
    if source_ip != session.ip_address:
        log.info("form of a session comes from another address", session=session.vid)
    try:
        fixed = private_values(work, session)
        _check_session_fields(session, sent)
        hosted_form.check_private(fixed, sent)
        _check_payment(work, hosted_form.merged(fixed, sent))
    except FormRefused as refused:
        _say(work, session, _BAD, str(refused))
        session.state = State.REJECTED.value
        session_secrets.forget(session)
        return False
    _say(work, session, OK, "OK")
    session.state = State.POSTED.value
    session.sealed = session_secrets.seal(work, session, sent)
    session.sealed_until = session.expires_at
    return True


def _check_session_fields(session: WebSession, sent: Sequence[FormValue]) -> None:
    """A form may say which method and version it is made for: then it has to be this session's."""
    for each in sent:
        if each.field is None or each.field.object != WEB_SESSION:
            continue
        own = {"method": session.method, "version": session.api_version}.get(each.field.path[0])
        if own is not None and own.lower() != each.value.strip().lower():
            raise FormRefused(f"Invalid value for {each.name[:80]}")


def _check_payment(work: Work, values: Mapping[FormName, str]) -> None:
    vid, merchant_id = hosted_form.method_ids(values)
    stored = work.uow.payment_methods.by_vid(vid) if vid else None
    if stored is None and merchant_id:
        stored = work.uow.payment_methods.by_merchant_id(merchant_id)
    hosted_form.check_payment(values, is_stored=stored is not None)


def _asks_for_header(sent: Sequence[FormValue]) -> bool:
    return any(each.name.lower() == "vin_ajax" and each.value.strip() not in ("", "0") for each in sent)


def _session_vid(sent: Sequence[FormValue]) -> str:
    for each in sent:
        if each.field is not None and each.field.object == WEB_SESSION and each.field.path == ("vid",):
            return each.value.strip()
    return ""


# --- the end -----------------------------------------------------------------------------------------------------


def begin_call(
    work: Work,
    vid: str | None,
    parameters: Sequence[NameValue] = (),
    private_values: Sequence[NameValue] = (),
) -> HostedCall:
    """Mark the session as being finalized, once for all, and give the call to be made.

    ``parameters`` and ``private_values`` given now take the place of those of the same name. Raises MissingField,
    WebSessionNotFound, WebSessionExpired, WebSessionUsed.
    """
    if not vid:
        raise MissingField("session")
    with work.writing():
        session = work.uow.web_sessions.lock(vid)
        if session is None:
            raise WebSessionNotFound("VID", vid)
        if State(session.state) not in _OPEN:
            raise WebSessionUsed
        if work.now >= session.expires_at:
            raise WebSessionExpired
        session.parameters = _replaced(session.parameters, parameters)
        before = session_secrets.given_to(work, session)
        given = Given(before.name_values, _replaced(before.private_values, private_values))
        call = _call(work, session, given)
        session_secrets.keep(work, session, given)
        session.state = State.FINALIZING.value
        session.changed_at = work.now
        session.sealed = session.sealed_given = None
        session.sealed_until = work.now + FINALIZING_PATIENCE
    return call


def end_call(
    work: Work, call: HostedCall, code: int, text: str, outcome: str | None, named: Made
) -> WebSession:
    """Keep what the call came to; ``named`` is what its answer names of what it created or changed."""
    with work.writing():
        session = work.uow.web_sessions.lock(call.session_vid)
        assert session is not None
        made = _stored(work, named, Reference(*hosted_form.method_ids(call.values)))
        _say(work, session, code, text)
        session.state = State.FINALIZED.value
        session.outcome = outcome
        session.account_vid = made.account_vid
        session.autobill_vid = made.autobill_vid
        session.payment_method_vid = made.payment_method_vid
        session.transaction_vid = made.transaction_vid
        session_secrets.forget(session)
    return session


def sweep(work: Work) -> int:
    """Forget the secrets of expired sessions, and end those whose process is gone; how many there were."""
    count = 0
    while True:
        with work.writing():
            due = work.uow.web_sessions.with_secrets_until(work.now, _SECRETS_AT_ONCE)
            for session in due:
                if session.state == State.FINALIZING:
                    _say(work, session, _INTERNAL, "Process failed (Internal)")
                    session.state = State.FINALIZED.value
                session_secrets.forget(session)
        count += len(due)
        if len(due) < _SECRETS_AT_ONCE:
            return count


def _call(work: Work, session: WebSession, given: Given) -> HostedCall:
    method = method_named(session.method)
    assert method is not None
    fixed = hosted_form.private(session_secrets.pairs_of(given.private_values))
    values = hosted_form.merged(fixed, session_secrets.opened(work, session))
    refusal = None
    try:
        _check_payment(work, values)
    except FormRefused as refused:
        refusal = refused
    return HostedCall(
        session.vid,
        method,
        session.api_version,
        values,
        session.parameters,
        given.name_values,
        session.ip_address,
        refusal,
    )


def _say(work: Work, session: WebSession, code: int, text: str) -> None:
    session.api_code, session.api_text, session.changed_at = code, text, work.now


def _replaced(old: Sequence[NameValue], new: Sequence[NameValue]) -> tuple[NameValue, ...]:
    """The old values, with the new ones in the place of those of the same name."""
    names = {value.name.lower() for value in new}
    return (*(value for value in old if value.name.lower() not in names), *new)


def _stored(work: Work, made: Made, method: Reference) -> Made:
    """What is there of all that an answer named, and what follows from it.

    A dry run names what was never stored. ``method`` names the payment method where the answer is silent about it; the
    owner of a payment method is the session's account.
    """
    uow = work.uow
    found = uow.payment_methods.by_vid(made.payment_method_vid) if made.payment_method_vid else None
    if found is None and made.account_vid and not method.is_empty:
        found = _named_method(work, method)
    account_vid = made.account_vid or (found.account_vid if found is not None else None)
    return Made(
        account_vid if account_vid and uow.accounts.by_vid(account_vid) else None,
        made.autobill_vid if made.autobill_vid and uow.autobills.by_vid(made.autobill_vid) else None,
        found.vid if found is not None else None,
        made.transaction_vid
        if made.transaction_vid and uow.transactions.by_vid(made.transaction_vid)
        else None,
    )


def _named_method(work: Work, method: Reference) -> PaymentMethod | None:
    if method.vid:
        return work.uow.payment_methods.by_vid(method.vid)
    return work.uow.payment_methods.by_merchant_id(method.merchant_id or "")
