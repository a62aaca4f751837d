"""Every operation both ways: zeep and the published schema on one side, the codec on the other."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from cashbox_service import contract
from cashbox_service.soap.codec import Codec
from tests.soap import generated, published

FACTS = contract.load(published.VERSION)
CODEC = Codec(FACTS, ZoneInfo("America/Los_Angeles"))
OPERATIONS = list(generated.operations(FACTS))


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_a_full_request_of_a_client_is_read_without_loss(service: str, operation: str) -> None:
    request = generated.request(FACTS, service, operation)
    message = published.zeep_request(service, operation, generated.plain(request))
    element = published.check(service, message)
    assert generated.leaves(CODEC.read_request(service, operation, element)) == generated.leaves(request)


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_a_full_response_is_valid_and_understood_by_a_client(service: str, operation: str) -> None:
    response = generated.response(FACTS, service, operation)
    message = CODEC.write_response(service, operation, response)
    published.check(service, message)
    answer = published.zeep_answer(service, operation, message)
    assert generated.leaves(answer) == generated.leaves(response)
