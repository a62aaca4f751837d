"""What the pages of the sandbox show and do: they stand in for PayPal, Skrill, hosted pages and carriers.

The customer is nobody's merchant: whoever has the token of a visit may decide it. Source: payment-method §5.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from cashbox_service.app.environment import Environment
from cashbox_service.domain.errors import NothingFound
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.return_address import with_query
from cashbox_service.processors import sandbox, triggers
from cashbox_service.processors.protocol import ProcessorAddress, VisitOutcome
from cashbox_service.processors.sandbox import SandboxProcessor
from cashbox_service.processors.visits import OpenVisit


def opened(env: Environment, token: str) -> OpenVisit:
    """The visit to be shown. Raises NothingFound for a token that was never given out."""
    found = _processor(env).opened_visit(token)
    if found is None:
        raise NothingFound("This page is not known.")
    return found


@dataclass(frozen=True, slots=True)
class Decided:
    """What the customer decided, the first time he did; where he is sent back to, if anywhere."""

    agreed: bool
    way_back: str | None


def decide(env: Environment, token: str, *, agreed: bool, address: ProcessorAddress | None = None) -> Decided:
    """Write down the customer's decision; what stands, for his first decision does.

    Raises NothingFound for a token that was never given out.
    """
    visit = opened(env, token)
    payer = triggers.payer_of(token)
    decision = VisitOutcome(
        agreed=agreed,
        payer_id=payer if agreed else None,
        payer_email=f"{payer.lower()}@paypal.test" if agreed else None,
        shipping_address=address,
    )
    kept = _processor(env).decide_visit(token, decision)
    return Decided(bool(kept.agreed), _way_back(visit, kept))


def _way_back(visit: OpenVisit, kept: VisitOutcome) -> str | None:
    """Where the customer goes, with what PayPal adds to the address (transaction §7.9)."""
    url = visit.return_url if kept.agreed else visit.cancel_url or visit.return_url
    if url is None:
        return None
    names = {}
    if visit.type == PaymentMethodType.PAYPAL:
        names["token"] = visit.token
        if kept.payer_id is not None:
            names["PayerID"] = kept.payer_id
    return with_query(url, names)


def _processor(env: Environment) -> SandboxProcessor:
    found = env.processors.named(sandbox.NAME)
    assert isinstance(found, SandboxProcessor)
    return found
