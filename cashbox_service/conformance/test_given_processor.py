r"""The suite for the processor that the command line names.

::

    pytest --pyargs cashbox_service.conformance.test_given_processor \
        --processor acme_payments.cashbox:create --approved-token tok_visa --declined-token tok_declined
"""

from __future__ import annotations

import pytest

from cashbox_service.conformance.suite import DecliningConformance, Means
from cashbox_service.domain.instruments import PaymentMethodType, Secret
from cashbox_service.processors.journal import Journal
from cashbox_service.processors.protocol import (
    CardDetails,
    DepositDetails,
    Instrument,
    Processor,
    WalletDetails,
)
from cashbox_service.processors.registry import Surroundings, load_factory

_CARDS = (PaymentMethodType.CREDIT_CARD, PaymentMethodType.MILITARY_STAR)
_DEPOSITS = (PaymentMethodType.ECP, PaymentMethodType.DIRECT_DEBIT)
_EXPIRES = "203812"


class TestGivenProcessor(DecliningConformance):
    """Left out, unless a processor is named; without a way to decline also what needs one."""

    @pytest.fixture
    def processor(self, journal: Journal, pytestconfig: pytest.Config) -> Processor:
        return self._made(journal, pytestconfig)

    @pytest.fixture
    def restarted(self, processor: Processor, journal: Journal, pytestconfig: pytest.Config) -> Processor:
        return self._made(journal, pytestconfig)

    @pytest.fixture
    def approved(self, pytestconfig: pytest.Config) -> Means:
        return _means(pytestconfig, "approved") or Means()

    @pytest.fixture
    def declined(self, pytestconfig: pytest.Config) -> Means:
        means = _means(pytestconfig, "declined")
        return means if means is not None else pytest.skip("nothing is named that declines")

    @staticmethod
    def _made(journal: Journal, config: pytest.Config) -> Processor:
        factory = config.getoption("--processor")
        if factory is None:
            pytest.skip("no --processor is named")
        return load_factory(factory)(Surroundings(journal))


def _means(config: pytest.Config, which: str) -> Means | None:
    number, token = config.getoption(f"--{which}-number"), config.getoption(f"--{which}-token")
    if number is None and token is None:
        return None
    return Means(
        _instrument(config.getoption("--processor-type"), Secret(number or ""), token),
        Secret(token) if token is not None else None,
    )


def _instrument(type_: str, number: Secret, token: str | None) -> Instrument:
    if type_ in _CARDS:
        return CardDetails(number, _EXPIRES, type_)
    if type_ in _DEPOSITS:
        return DepositDetails(type_, number)
    return WalletDetails(type_, agreement=token)
