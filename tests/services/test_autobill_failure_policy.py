"""AutoBill.update when the first bill is refused: what is kept, and what is answered (autobill §5.3, §6.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Check = Callable[[], None]
Rights = Callable[[Any], list[Any]]

DO_NOT_SAVE = "doNotSaveAutoBill"
RETRY = "putAutoBillInRetryCycle"
RETRY_IF_VALID = "putAutoBillInRetryCycleIfPaymentMethodIsValid"


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def _unknown(client: Client, autobill_id: str) -> None:
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(merchantAutoBillId=autobill_id)


@pytest.mark.parametrize(
    ("policy", "number"),
    [
        (None, shop.SOFT_DECLINED),
        (None, shop.HARD_DECLINED),
        (DO_NOT_SAVE, shop.SOFT_DECLINED),
        (DO_NOT_SAVE, shop.HARD_DECLINED),
        (RETRY_IF_VALID, shop.HARD_DECLINED),
    ],
)
def test_nothing_is_saved_of_a_refused_autobill(client: Client, policy: str | None, number: str) -> None:
    account, plan, sku = shop.new_id("account"), shop.new_id("plan"), shop.new_id("sku")
    order = shop.order(
        client,
        shop.card(number),
        account={"merchantAccountId": account},
        billingPlan={"merchantBillingPlanId": plan, "periods": [shop.month()]},
        items=[{"product": {"merchantProductId": sku, "prices": [{"amount": "3.00", "currency": "USD"}]}}],
    )
    answer = shop.update(client, order, expecting=402, immediateAuthFailurePolicy=policy)
    code = "302" if number == shop.SOFT_DECLINED else "502"
    assert answer["return"].returnString == f"Unable to authorize payment method: {code}"
    assert (answer.autobill, answer.initialTransaction, answer.score) == (None, None, -1)
    assert answer.authStatus.status == "Cancelled"
    assert answer.authStatus.creditCardStatus.authCode == code
    _unknown(client, order["merchantAutoBillId"])
    client("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=account)
    client("BillingPlan").expecting(404).fetchByMerchantBillingPlanId(merchantBillingPlanId=plan)
    client("Product").expecting(400).fetchByMerchantProductId(merchantProductId=sku)


@pytest.mark.parametrize("policy", [RETRY, RETRY_IF_VALID])
def test_a_soft_decline_is_kept_in_retry(client: Client, policy: str, entitlements: Rights) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    order = shop.order(client, shop.card(shop.SOFT_DECLINED), items=[{"product": shop.reference(product)}])
    answer = shop.update(client, order, immediateAuthFailurePolicy=policy)
    assert shop.standing(answer.autobill) == ("Active", "In Retry")
    assert answer.authStatus.status == "Cancelled"
    assert answer.authStatus.creditCardStatus.authCode == "302"
    assert shop.log(answer.initialTransaction) == ["Cancelled", "New"]
    assert list(shop.states(client, answer.autobill).values()) == ["Due", "Open"]
    assert answer.autobill.nextBilling.amount == 10
    assert answer.autobill.nextBilling.timestamp.isoformat() == "2024-01-18T00:00:00-08:00"
    assert answer.autobill.endTimestamp.isoformat() == "2024-02-04T23:59:59-08:00"
    assert [right.end.isoformat() for right in entitlements(answer.autobill)] == ["2024-02-04T23:59:59-08:00"]


def test_a_hard_decline_is_kept_as_unusable(client: Client, sandbox: Sandbox) -> None:
    order = shop.order(client, shop.card(shop.HARD_DECLINED))
    answer = shop.update(client, order, immediateAuthFailurePolicy=RETRY)
    assert shop.standing(answer.autobill) == ("Active", "Unusable PaymentMethod")
    assert answer.authStatus.creditCardStatus.authCode == "502"
    assert answer.autobill.nextBilling is None
    sandbox.advance(10)
    assert len(shop.transactions(client, answer.autobill)) == 1


def test_retries_count_from_the_start_date(client: Client, sandbox: Sandbox) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED))
    autobill = shop.update(client, order, immediateAuthFailurePolicy=RETRY).autobill
    sandbox.advance(13)
    tried = shop.transactions(client, autobill)
    assert [(one.retryNumber, one.statusLog[0].timestamp.date().day) for one in tried] == [
        (0, 15),
        (1, 18),
        (2, 22),
    ]
    assert list(shop.states(client, autobill).values()) == ["Overdue", "Open"]


def test_a_retry_that_succeeds_brings_it_into_good_standing(client: Client, sandbox: Sandbox) -> None:
    method = shop.card(
        merchantPaymentMethodId=shop.new_id("pm"), nameValues=[{"name": "vin:TestAuthCode", "value": "521"}]
    )
    autobill = shop.update(client, shop.order(client, method), immediateAuthFailurePolicy=RETRY).autobill
    good = {"VID": autobill.paymentMethod.VID, "nameValues": [{"name": "vin:TestAuthCode", "value": "T00"}]}
    client("PaymentMethod").update(
        paymentMethod=good, validate=False, minChargebackProbability=100, replaceOnAllAutoBills=False
    )
    sandbox.advance(3)
    again = shop.fetched(client, autobill)
    assert shop.standing(again) == ("Active", "Good Standing")
    assert again.nextBilling.timestamp.isoformat() == "2024-02-15T00:00:00-08:00"
    assert again.endTimestamp.isoformat() == "2024-02-14T23:59:59-08:00"
    assert list(shop.states(client, autobill).values()) == ["Paid", "Open"]


@pytest.mark.parametrize(
    ("method", "code", "text"),
    [
        (shop.card(shop.AVS_NO_MATCH), 407, "Failed AVS policy evaluation"),
        (shop.card(nameValues=[{"name": "CVN", "value": "201"}]), 408, "Failed CVN policy evaluation"),
        (
            shop.card(shop.AVS_NO_MATCH, nameValues=[{"name": "cvn", "value": "201"}]),
            409,
            "Failed AVS and CVN policy evaluation",
        ),
    ],
)
@pytest.mark.parametrize("policy", [DO_NOT_SAVE, RETRY, RETRY_IF_VALID])
def test_a_policy_refusal_is_never_saved(
    client: Client, method: dict[str, Any], code: int, text: str, policy: str
) -> None:
    order = shop.order(client, method)
    answer = shop.update(client, order, expecting=code, immediateAuthFailurePolicy=policy)
    assert answer["return"].returnString == text
    _unknown(client, order["merchantAutoBillId"])


def test_a_check_that_is_required_and_missing_is_refused(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(avsCvnRequired=True)
    answer = shop.update(client, shop.order(client, shop.card()), expecting=410)
    assert answer["return"].returnString == "AVS and CVN policy evaluation could not be performed"


@pytest.mark.parametrize(
    ("method", "ignored"),
    [
        (shop.card(shop.AVS_NO_MATCH), {"ignoreAvsPolicy": True}),
        (shop.card(nameValues=[{"name": "CVN", "value": "201"}]), {"ignoreCvnPolicy": True}),
    ],
)
def test_a_policy_may_be_waived(client: Client, method: dict[str, Any], ignored: dict[str, bool]) -> None:
    answer = shop.update(client, shop.order(client, method), **ignored)
    assert answer.autobill.status == "Active"


def test_an_amount_due_and_nobody_to_charge_is_405(client: Client) -> None:
    order = shop.order(client)
    answer = shop.update(client, order, expecting=405)
    assert answer["return"].returnString == "Account has no default payment method"
    _unknown(client, order["merchantAutoBillId"])
    kept = shop.update(client, order, immediateAuthFailurePolicy=RETRY)
    assert shop.standing(kept.autobill) == ("Active", "In Retry")
    assert list(shop.states(client, kept.autobill).values()) == ["Due", "Open"]


def test_an_expired_card_is_a_hard_decline(client: Client) -> None:
    order = shop.order(client, shop.card(expiry="202312"))
    answer = shop.update(client, order, immediateAuthFailurePolicy=RETRY)
    assert shop.standing(answer.autobill) == ("Active", "Unusable PaymentMethod")
    assert answer.authStatus.creditCardStatus.authCode == "522"


def test_a_refused_order_can_be_repeated_with_a_good_card(client: Client) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED))
    shop.update(client, order, expecting=402)
    answer = shop.update(client, order | {"paymentMethod": shop.card()})
    assert shop.standing(answer.autobill) == ("Active", "Good Standing")
