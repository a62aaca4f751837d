"""What a WebSession keeps encrypted: the form a browser posted, and what of the merchant's values may not be shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app.context import Work
from cashbox_service.domain import hosted_form
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.hosted_form import FormValue
from cashbox_service.store.entities import WebSession


def forget(session: WebSession) -> None:
    """Nothing that was encrypted for the session is kept any longer."""
    session.sealed = session.sealed_given = session.sealed_until = None


def seal(work: Work, session: WebSession, sent: Sequence[FormValue]) -> str:
    """A posted form, encrypted for this session alone."""
    pairs = [(each.name, each.value) for each in sent]
    return work.env.vault.seal(json.dumps(pairs), _context(session))


def opened(work: Work, session: WebSession) -> tuple[FormValue, ...]:
    """The form that was posted to the session."""
    if session.sealed is None:
        return ()
    return hosted_form.posted(json.loads(work.env.vault.open(session.sealed, _context(session))))


def _context(session: WebSession) -> str:
    return f"{session.merchant_vid}/web session/{session.vid}"


@dataclass(frozen=True, slots=True)
class Given:
    """What the merchant gave for the objects of the call."""

    name_values: tuple[NameValue, ...]
    private_values: tuple[NameValue, ...]


def keep(work: Work, session: WebSession, given: Given) -> None:
    """Keep it as it may be shown, and encrypted where that leaves something out."""
    shown = Given(*(_without_secrets(values) for values in (given.name_values, given.private_values)))
    session.name_values, session.private_values = shown.name_values, shown.private_values
    if shown == given:
        return
    whole = [pairs_of(given.name_values), pairs_of(given.private_values)]
    session.sealed_given = work.env.vault.seal(json.dumps(whole), _context(session))
    session.sealed_until = session.expires_at


def given_to(work: Work, session: WebSession) -> Given:
    """What was kept of it, whole."""
    if session.sealed_given is None:
        return Given(session.name_values, session.private_values)
    whole = json.loads(work.env.vault.open(session.sealed_given, _context(session)))
    return Given(*(tuple(NameValue(name, value) for name, value in pairs) for pairs in whole))


def _without_secrets(values: Sequence[NameValue]) -> tuple[NameValue, ...]:
    return tuple(NameValue(*pair) for pair in hosted_form.without_secrets(pairs_of(values)))


def pairs_of(values: Sequence[NameValue]) -> list[tuple[str, str]]:
    """Names and values, as forms have them."""
    return [(value.name, value.value) for value in values]
