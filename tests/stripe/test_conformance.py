"""The Stripe processor passes the suite that every processor has to pass: over localstripe as it is, and behind a front
that loses requests and answers and repeats answers by key, as Stripe does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cashbox_service.conformance.suite import DecliningConformance, Means, Silence, SilenceConformance
from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.journal import Journal
from cashbox_service.processors.protocol import CardDetails, Processor
from cashbox_service.processors.stripe.calls import StripeCalls
from cashbox_service.processors.stripe.processor import StripeProcessor
from cashbox_service.processors.stripe.settings import StripeSettings
from tests.processors.test_conformance import by_command_line
from tests.stripe.far_end import KEY, FarEnd


def token(name: str) -> Means:
    return Means(CardDetails(Secret(""), "203812"), Secret(name))


class StripeConformance(DecliningConformance):
    @pytest.fixture
    def url(self, localstripe_port: int) -> str:
        return f"http://localhost:{localstripe_port}"

    @pytest.fixture
    def processor(self, journal: Journal, url: str) -> Processor:
        return StripeProcessor(journal, StripeCalls(StripeSettings(key=Secret(KEY), url=url)))

    @pytest.fixture
    def restarted(self, processor: Processor, journal: Journal, url: str) -> Processor:
        return StripeProcessor(journal, StripeCalls(StripeSettings(key=Secret(KEY), url=url)))

    @pytest.fixture
    def approved(self) -> Means:
        return token("pm_card_visa")

    @pytest.fixture
    def declined(self) -> Means:
        return token("pm_card_chargeCustomerFail")

    @pytest.fixture
    def invalid(self) -> Means:
        """localstripe declines other cards when they are kept than when they are charged."""
        return token("pm_card_visa_chargeDeclined")


class TestOverLocalstripe(StripeConformance):
    """Without idempotency keys: nothing but the refunds of one key at the same moment depends on them."""


class TestBehindFront(StripeConformance, SilenceConformance):
    @pytest.fixture
    def url(self, far_end: FarEnd) -> str:
        return far_end.url

    @pytest.fixture
    def silence(self, far_end: FarEnd, lost: str) -> Silence:
        @contextmanager
        def one_request() -> Iterator[None]:
            with far_end.losing(lost):
                yield

        return one_request


def test_it_can_be_named_on_the_command_line_of_pytest(
    monkeypatch: pytest.MonkeyPatch, localstripe_port: int
) -> None:
    monkeypatch.setenv("CASHBOX_STRIPE_KEY", KEY)
    monkeypatch.setenv("CASHBOX_STRIPE_URL", f"http://localhost:{localstripe_port}")
    named = "cashbox_service.processors.stripe:create"
    run = by_command_line("--processor", named, "--approved-token", "pm_card_visa")
    assert run.returncode == 0, run.stdout
    assert "2 skipped" in run.stdout.splitlines()[-1]
