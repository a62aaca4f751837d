"""Which processor serves a payment method type, by settings lines."""

from __future__ import annotations

import pytest

from cashbox_service.domain.errors import Unavailable, UnsupportedType
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.processors.journal import MemoryJournal
from cashbox_service.processors.merchant_accepted import MerchantAcceptedProcessor
from cashbox_service.processors.registry import ProcessorRegistry, Surroundings, build_registry
from cashbox_service.processors.sandbox import SandboxProcessor


class TestRegistry:
    surroundings = Surroundings(MemoryJournal())

    def test_in_the_sandbox_everything_but_internal_payments_goes_to_the_sandbox(self) -> None:
        registry = build_registry((), self.surroundings, sandbox=True)
        internal = {"MerchantAcceptedPayment", "ExternalBilling", "Token"}
        served = {type_.value: registry.for_type(type_).wire_name for type_ in PaymentMethodType}
        assert served == {
            type_.value: "Vindicia" if type_ in internal else "Test" for type_ in PaymentMethodType
        }

    def test_in_production_nothing_is_approved_for_nothing(self) -> None:
        registry = build_registry((), self.surroundings, sandbox=False)
        with pytest.raises(UnsupportedType):
            registry.for_type("CreditCard")
        assert registry.for_type("MerchantAcceptedPayment").name == "merchant_accepted"

    def test_a_line_brings_in_a_processor(self) -> None:
        line = f" CreditCard , MilitaryStar = {__name__}:create_acme"
        registry = build_registry([line], self.surroundings, sandbox=True)
        assert registry.for_type("CreditCard").wire_name == "Acme"
        assert registry.for_type("MilitaryStar") is registry.for_type("CreditCard")
        assert registry.for_type("ECP").wire_name == "Test"
        assert registry.named("acme") is registry.for_type("CreditCard")
        assert registry.with_wire_name("Acme") is registry.named("acme")
        assert registry.with_wire_name("Nobody") is None
        assert sorted(processor.name for processor in registry.all) == [
            "acme",
            "merchant_accepted",
            "sandbox",
        ]

    def test_a_processor_that_went_away_is_unavailable(self) -> None:
        with pytest.raises(Unavailable, match="acme"):
            build_registry((), self.surroundings, sandbox=True).named("acme")

    @pytest.mark.parametrize(
        ("line", "complaint"),
        [
            ("", "not of the form"),
            ("CreditCard", "not of the form"),
            ("CreditCard = acme", "not of the form"),
            ("Cash = acme:create", "unknown payment method type 'Cash'"),
            (" = acme:create", "unknown payment method type ''"),
            ("CreditCard = no_such_module_anywhere:create", "cannot be loaded"),
            ("CreditCard = json:no_such_function", "cannot be loaded"),
            ("CreditCard = json:__name__", "names no function"),
        ],
    )
    def test_a_wrong_line_is_refused_by_name(self, line: str, complaint: str) -> None:
        with pytest.raises(ValueError, match=complaint) as refused:
            build_registry([line], self.surroundings, sandbox=True)
        assert repr(line) in str(refused.value)

    def test_names_are_unique(self) -> None:
        journal = MemoryJournal()
        with pytest.raises(ValueError, match="two processors are called merchant_accepted"):
            ProcessorRegistry(
                {"ECP": MerchantAcceptedProcessor(journal), "Token": MerchantAcceptedProcessor(journal)}
            )


class AcmeProcessor(SandboxProcessor):
    name = "acme"
    wire_name = "Acme"


def create_acme(surroundings: Surroundings) -> AcmeProcessor:
    return AcmeProcessor(surroundings.journal)
