"""Who calls: a key of the dialect, or the merchant's log-in by HTTP Basic."""

from __future__ import annotations

from cashbox_service.app.counter import key_access
from cashbox_service.app.counter.key_access import Admitted
from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.dialects.exchange import Exchange
from cashbox_service.dialects.refusals import Refusal

CHALLENGE = 'Basic realm="cashbox", charset="UTF-8"'


def admitted(exchange: Exchange, purpose: KeyPurpose, key: str) -> Admitted | None:
    """The merchant behind a key, None when it opens nothing. Raises `Refusal` (429) after too many wrong ones."""
    check_patience(exchange)
    found = key_access.admit(exchange.env, purpose, key)
    if found is None:
        note_refusal(exchange)
    return found


def enter_by_key(exchange: Exchange, purpose: KeyPurpose, key: str | None, message: str) -> None:
    """Raises `Refusal` (401) with the message for a key that is missing or opens nothing."""
    found = admitted(exchange, purpose, key) if key else None
    if found is None:
        raise Refusal(401, message)
    exchange.enter(found.merchant)


def enter_by_header(exchange: Exchange, purpose: KeyPurpose) -> None:
    """By ``X-Api-Key``, a bearer token, or HTTP Basic with the merchant's log-in. Raises `Refusal` (401, 429)."""
    given = exchange.request.authorization
    key = exchange.request.headers.get("X-Api-Key")
    if key is None and given is not None and given.type == "bearer":
        key = given.token
    if key is not None:
        found = admitted(exchange, purpose, key)
        if found is not None:
            exchange.enter(found.merchant)
            return
    elif given is not None and given.type == "basic" and given.username and given.password:
        check_patience(exchange)
        merchant = exchange.env.authenticate(given.username, given.password, exchange.address)
        if merchant is not None:
            exchange.enter(merchant)
            return
        note_refusal(exchange)
    raise Refusal(401, "Credentials are missing or wrong.", WWW_Authenticate=CHALLENGE)


def check_patience(exchange: Exchange) -> None:
    """Raises `Refusal` (429) for an address that came with wrong credentials too often."""
    if exchange.surroundings.refusals.exhausted(exchange.address):
        raise Refusal(429, "Too many calls with wrong credentials; try again later.", Retry_After="60")


def note_refusal(exchange: Exchange) -> None:
    """Wrong credentials came from this address."""
    exchange.surroundings.refusals.wait(exchange.address)
