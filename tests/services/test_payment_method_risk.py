"""The risk score of a payment method: who is refused, and what the answer tells (payment-method §3.1, §3.3)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from tests.servers import Server
from tests.services import shop
from tests.services.shop import Client
from tests.soap_client import Login

Dispute = Callable[[Any], None]

HERE = "192.0.2.7"
RISKY: dict[str, Any] = {"nameValues": [{"name": "vin:TestScore", "value": "71"}]}


@pytest.fixture
def dispute(environment: Environment, merchant: Login) -> Dispute:
    """Lets a payment with the card of a stored payment method have been charged back."""

    def remember(method: Any) -> None:
        with closing(environment.open(environment.merchant(merchant.login))) as work, work.writing():
            stored = work.uow.payment_methods.by_vid(method.VID)
            assert stored is not None
            assert stored.fingerprint is not None
            work.uow.risk.add_disputed(stored.fingerprint, work.now)
            work.uow.risk.add_disputed(stored.fingerprint, work.now)

    return remember


def _put(client: Client, method: dict[str, Any], limit: int, *, expecting: int = 200, **rest: Any) -> Any:
    given = {"validate": False, "replaceOnAllAutoBills": False, "sourceIp": HERE}
    return (
        client("PaymentMethod")
        .expecting(expecting)
        .update(paymentMethod=method, minChargebackProbability=limit, **(given | rest))
    )


def _card(**fields: Any) -> dict[str, Any]:
    return shop.card(billingAddress=shop.address(), merchantPaymentMethodId=shop.new_id("pm")) | fields


def _codes(answer: Any) -> list[tuple[str, str]]:
    return [(code.id, code.description) for code in answer.scoreCodes]


def test_at_the_limit_of_100_nothing_is_scored(client: Client) -> None:
    answer = _put(client, _card(**RISKY), 100)
    assert (answer.score, _codes(answer)) == (-1, [])


def test_a_known_customer_scores_5(client: Client) -> None:
    assert _put(client, _card(), 99).score == 5


@pytest.mark.parametrize(
    ("method", "source_ip"),
    [({}, None), ({"billingAddress": shop.address() | {"city": None}}, HERE)],
)
def test_without_ip_or_a_full_address_there_is_no_opinion(
    client: Client, method: dict[str, Any], source_ip: str | None
) -> None:
    answer = _put(client, _card() | method, 0, sourceIp=source_ip)
    assert (answer.score, answer.created) == (-1, True)


@pytest.mark.parametrize(("limit", "code"), [(71, 200), (70, 403)])
def test_a_score_strictly_above_the_limit_is_denied(client: Client, limit: int, code: int) -> None:
    method = _card(**RISKY)
    answer = _put(client, method, limit, expecting=code)
    assert (answer.score, answer.created, answer.validated) == (71, code == 200, False)
    found = client("PaymentMethod").expecting(200 if code == 200 else 404)
    found.fetchByMerchantPaymentMethodId(paymentMethodId=method["merchantPaymentMethodId"])
    if code == 403:
        assert shop.text(answer) == "Denied"


def test_the_processor_is_not_asked_about_a_payment_method_that_is_denied(client: Client) -> None:
    method = shop.card(shop.HARD_DECLINED, **RISKY)
    assert _put(client, method, 70, expecting=403, validate=True).authStatus is None
    refused = (
        client("PaymentMethod").expecting(403).validate(paymentMethod=method, minChargebackProbability=70)
    )
    assert (refused.validated, refused.score, refused.authStatus) == (False, 71, None)
    assert refused.avsCvnPolicyEvaluationDetails is None


def test_a_declined_payment_method_tells_its_score_all_the_same(client: Client) -> None:
    declined = _put(client, _card() | shop.card(shop.HARD_DECLINED), 99, expecting=402, validate=True)
    assert (declined.score, declined.authStatus.status) == (5, "Cancelled")


def test_a_denied_change_leaves_the_payment_method_as_it_was(client: Client) -> None:
    stored = _put(client, _card(accountHolderName="Ada"), 100).paymentMethod
    _put(client, {"VID": stored.VID, "accountHolderName": "Eve"} | RISKY, 70, expecting=403)
    after = client("PaymentMethod").fetchByVid(vid=stored.VID).paymentMethod
    assert (after.accountHolderName, after.nameValues) == ("Ada", [])


def test_a_card_that_was_charged_back_is_recognised_wherever_it_is_used(
    client: Client, dispute: Dispute
) -> None:
    dispute(_put(client, _card(), 100).paymentMethod)
    again = _put(client, shop.card(expiry="204001"), 99, expecting=403, sourceIp=None)
    assert (again.score, _codes(again)) == (100, [("1", "PRIOR_CB_IN_VERTICAL")])
    assert _put(client, shop.card(shop.OTHER_CARD, billingAddress=shop.address()), 99).score == 5


def test_a_card_from_abroad_and_a_free_mail_address_count(
    client: Client, server: Server, merchant: Login, tmp_path: Path
) -> None:
    file = tmp_path / "bins.csv"
    file.write_text("prefix,country\n4,GB\n41111,US\n")
    loaded = server.command("merchant", "bins", merchant.login, str(file))
    assert loaded.returncode == 0, loaded.stderr
    owner = shop.account(
        client,
        emailAddress="ada@gmail.com",
        paymentMethods=[
            _card(),
            _card(creditCard={"account": "4242424242424242", "expirationDate": shop.EXPIRY}),
        ],
    )
    here, abroad = (_put(client, shop.reference(one), 99) for one in owner.paymentMethods)
    assert (here.score, _codes(here)) == (25, [("3", "FREE_EMAIL")])
    assert (abroad.score, _codes(abroad)) == (65, [("2", "COUNTRY_MISMATCH"), ("3", "FREE_EMAIL")])


@pytest.mark.parametrize("value", ["101", "-3", "high", "1e1"])
def test_a_forced_score_that_is_none_is_named(client: Client, value: str) -> None:
    method = shop.card(nameValues=[{"name": "VIN:testscore", "value": value}])
    refused = _put(client, method, 50, expecting=400)
    assert shop.text(refused) == f'vin:TestScore "{value}" is not between -2 and 100.'


def test_a_failed_scorer_refuses_nobody(client: Client) -> None:
    assert _put(client, shop.card(nameValues=[{"name": "vin:TestScore", "value": "-2"}]), 0).score == -2
