"""Requests to Stripe: the only module that knows the ``stripe`` library.

Its many errors become two: the request was refused, or there is no answer. What it knows of a request (tokens,
with numbers where a setting says so) it would log by itself when asked to be verbose; that is switched off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import stripe

from cashbox_service.logging import get_logger
from cashbox_service.processors.stripe.settings import StripeSettings

log = get_logger(__name__)

Resource = Literal["payment_intents", "setup_intents", "refunds", "payment_methods", "customers"]
Answer = Mapping[str, Any]
"""An object of Stripe as JSON."""

CONNECT_SECONDS: Final = 2.0
"""How long a connection may take."""

QUICK_SECONDS: Final = 6.0
"""How long an answer is waited for that nobody outside of Stripe is needed for."""

PATIENT_SECONDS: Final = 20.0
"""How long an answer is waited for where Stripe asks a bank. The longest chain that a request takes is one of these
and four quick ones: less than `protocol.MAX_CALL_SECONDS`."""

_NOT_FOUND: Final = 404


class Refused(Exception):
    """Stripe read the request and did not do it: a decline, or something wrong with it."""

    def __init__(
        self,
        *,
        by_bank: bool,
        code: str | None = None,
        decline_code: str | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(decline_code or code or "refused")
        self.by_bank = by_bank
        self.code = code
        self.decline_code = decline_code
        self.parameter = parameter


class NoAnswer(Exception):
    """It is not known whether the request was carried out."""


class StripeCalls:
    """The account of the settings. May be used from several threads."""

    def __init__(self, settings: StripeSettings) -> None:
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._quick = _client(settings, QUICK_SECONDS)
        self._patient = _client(settings, PATIENT_SECONDS)

    def read(self, resource: Resource, id_: str, **params: Any) -> Answer:
        """The object as it is now."""
        return _asked(lambda: getattr(self._quick.v1, resource).retrieve(id_, params=params))

    def create(self, resource: Resource, *, key: str | None = None, **params: Any) -> Answer:
        """A new object; under a ``key`` only one within a day."""
        client = self._patient if resource == "refunds" else self._quick
        options = {"idempotency_key": key} if key is not None else {}
        return _asked(lambda: getattr(client.v1, resource).create(params=params, options=options))

    def confirm(self, resource: Resource, id_: str, **params: Any) -> Answer:
        """Let the bank be asked."""
        return _asked(lambda: getattr(self._patient.v1, resource).confirm(id_, params=params))

    def capture(self, id_: str, **params: Any) -> Answer:
        """Take the money of a payment intent."""
        return _asked(lambda: self._patient.v1.payment_intents.capture(id_, params=params))

    def cancel(self, resource: Resource, id_: str) -> Answer:
        """End an intent, once and for all."""
        return _asked(lambda: getattr(self._quick.v1, resource).cancel(id_))

    def refunds_of(self, payment_intent: str) -> list[Answer]:
        """All refunds of a payment intent."""
        found: list[Answer] = []

        def listed() -> None:
            pages = self._quick.v1.refunds.list(params={"payment_intent": payment_intent, "limit": 100})
            found.extend(one.to_dict() for one in pages.auto_paging_iter())

        _guarded(listed)
        return found


def _client(settings: StripeSettings, seconds: float) -> stripe.StripeClient:
    """The library must not repeat requests by itself: that would take longer than a processor may."""
    return stripe.StripeClient(
        settings.key.reveal(),
        base_addresses={"api": settings.url},
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, seconds)),
        max_network_retries=0,
    )


def _asked(request: Callable[[], Any]) -> Answer:
    given = _guarded(request)
    answer: Answer = given.to_dict() if isinstance(given, stripe.StripeObject) else {}
    if "id" not in answer:
        log.warning("stripe gave no answer", reason="not an object of Stripe")
        raise NoAnswer
    return answer


def _guarded(request: Callable[[], Any]) -> Any:
    try:
        return request()
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise _refusal(error) from None
    except stripe.StripeError as error:
        # Not the error's text: it can quote what was sent.
        log.warning("stripe gave no answer", reason=type(error).__name__, http_status=error.http_status)
        raise NoAnswer from None


def _refusal(error: stripe.CardError | stripe.InvalidRequestError) -> Refused:
    body = error.json_body if isinstance(error.json_body, Mapping) else {}
    details = body.get("error") or {}
    missing = "resource_missing" if error.http_status == _NOT_FOUND else None
    return Refused(
        by_bank=isinstance(error, stripe.CardError),
        code=details.get("code") or missing,
        decline_code=details.get("decline_code"),
        parameter=details.get("param"),
    )
