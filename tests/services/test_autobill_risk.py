"""The risk score of a new AutoBill (autobill §5.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services import shop
from tests.services.shop import Client

RISKY = [{"name": "vin:TestScore", "value": "71"}]


def _risky(client: Client, method: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return shop.order(client, method or shop.card(), nameValues=RISKY, **fields)


@pytest.mark.parametrize("later", [{}, {"startTimestamp": "2099-01-01T00:00:00Z"}])
@pytest.mark.parametrize("dryrun", [False, True])
def test_a_score_above_the_limit_is_told_and_nothing_is_kept(
    client: Client, later: dict[str, str], dryrun: bool
) -> None:
    order = _risky(client, shop.card(shop.HARD_DECLINED), **later)
    refused = shop.update(client, order, expecting=400, minChargebackProbability=70, dryrun=dryrun)
    assert shop.text(refused) == "Risk score 71 exceeds the maximum chargeback probability of 70"
    assert (refused.score, refused.authStatus) == (71, None)
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )


def test_a_score_at_the_limit_passes_and_is_told(client: Client) -> None:
    saved = shop.update(client, _risky(client), minChargebackProbability=71)
    assert (saved.score, shop.standing(saved.autobill)) == (71, ("Active", "Good Standing"))


def test_at_the_limit_of_100_nothing_is_scored(client: Client) -> None:
    assert shop.update(client, _risky(client)).score == -1


def test_the_score_of_a_declined_payment_is_told(client: Client) -> None:
    order = _risky(client, shop.card(shop.HARD_DECLINED))
    assert shop.update(client, order, expecting=402, minChargebackProbability=80).score == 71


def test_the_facts_are_those_of_the_customer(client: Client) -> None:
    order = shop.order(
        client,
        shop.card(billingAddress=shop.address()),
        account=shop.reference(shop.account(client, emailAddress="ada@web.de")),
        sourceIp="192.0.2.7",
    )
    saved = shop.update(client, order, minChargebackProbability=25)
    assert (saved.score, [code.description for code in saved.scoreCodes]) == (25, ["FREE_EMAIL"])


def test_another_payment_method_is_scored_and_other_changes_are_not(client: Client) -> None:
    autobill = shop.update(client, _risky(client)).autobill
    renamed = {"VID": autobill.VID, "customerAutoBillName": "Mine"}
    assert shop.update(client, renamed, minChargebackProbability=0).score == -1
    other = {"VID": autobill.VID, "paymentMethod": shop.card(shop.OTHER_CARD)}
    assert shop.update(client, other, expecting=400, minChargebackProbability=0).score == 71
    assert shop.fetched(client, autobill).paymentMethod.creditCard.bin == shop.CARD[:6]
