"""Transaction.score: what is thought of a sale, and the record that it leaves (transaction §7.6)."""

from __future__ import annotations

import hashlib
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire
from tests.soap_client import Login

HERE = "192.0.2.7"
FAILED = "Data validation error Failed to create Payment-Type-Specific Payment Record: "
HASH = hashlib.sha1(b"4111111111111111").hexdigest()


def _order(account: Any = None, **fields: Any) -> dict[str, Any]:
    """A sale about whose customer enough is said to have an opinion."""
    given = {"sourceIp": HERE, "sourcePaymentMethod": shop.card(billingAddress=shop.address())}
    return sales.order(account, **(given | fields))


def _hashed(**fields: Any) -> dict[str, Any]:
    """A card of which no more may be told than its ends and its hash."""
    card = {"bin": "411111", "lastDigits": "1111", "accountHash": HASH, "expirationDate": shop.EXPIRY}
    return {"type": "CreditCard", "creditCard": card | fields, "billingAddress": shop.address()}


def _score(client: Client, sale: dict[str, Any], expecting: int = 200, **options: Any) -> Any:
    return client("Transaction").expecting(expecting).score(transaction=sale, **options)


def _codes(answer: Any) -> list[tuple[str, str]]:
    return [(code.id, code.description) for code in answer.scoreCodes]


def test_a_sale_that_nothing_speaks_against_scores_5_and_is_on_record(client: Client) -> None:
    answer = _score(client, _order())

    assert (answer.score, _codes(answer)) == (5, [])
    stored = sales.later(client, answer)
    assert shop.log(stored) == ["New"]
    assert (stored.amount, stored.paymentProcessor, stored.paymentProcessorTransactionId) == (
        Decimal("20.00"),
        None,
        None,
    )
    assert [item.name for item in stored.transactionItems] == ["Book"]
    assert stored.merchantTransactionId == answer.transaction.merchantTransactionId
    assert stored.account.paymentMethods[0].VID == stored.sourcePaymentMethod.VID


def test_free_mail_speaks_against_a_sale(client: Client) -> None:
    buyer = {"merchantAccountId": shop.new_id("account"), "emailAddress": "ada@gmail.com"}

    answer = _score(client, _order(buyer))

    assert (answer.score, _codes(answer)) == (25, [("3", "FREE_EMAIL")])


def test_of_a_known_account_what_is_stored_counts(client: Client) -> None:
    known = shop.account(client, emailAddress="ada@gmail.com")

    answer = _score(client, _order(shop.reference(known) | {"emailAddress": "ada@example.org"}))

    assert _codes(answer) == [("3", "FREE_EMAIL")]
    assert answer.transaction.account.VID == known.VID


@pytest.mark.parametrize("missing", ["city", "district", "country", "ip"])
def test_without_address_and_ip_there_is_no_opinion(client: Client, missing: str) -> None:
    card = shop.card(billingAddress=shop.address() | ({} if missing == "ip" else {missing: None}))
    ip = None if missing == "ip" else HERE

    answer = _score(client, _order(sourcePaymentMethod=card, sourceIp=ip))

    assert (answer.score, _codes(answer), shop.log(answer.transaction)) == (-1, [], ["New"])


@pytest.mark.parametrize("forced", ["-2", "0", "100"])
def test_a_test_may_force_the_score(client: Client, forced: str) -> None:
    answer = _score(client, _order(nameValues=[{"name": "vin:TestScore", "value": forced}]))

    assert answer.score == int(forced)


def test_a_score_that_is_none_leaves_nothing(client: Client) -> None:
    own_id = shop.new_id("sale")
    forced = [{"name": "vin:TestScore", "value": "101"}]

    refused = _score(client, _order(merchantTransactionId=own_id, nameValues=forced), 400)

    assert shop.text(refused) == 'vin:TestScore "101" is not between -2 and 100.'
    client("Transaction").expecting(404).fetchByMerchantTransactionId(merchantTransactionId=own_id)


def test_a_card_may_be_told_by_its_ends_and_its_hash(client: Client) -> None:
    answer = _score(client, _order(sourcePaymentMethod=_hashed()))

    card = answer.transaction.sourcePaymentMethod
    assert answer.score == 5
    assert (card.creditCard.account, card.creditCard.bin, card.creditCard.lastDigits, card.active) == (
        "411111XXXXXX1111",
        "411111",
        "1111",
        False,
    )
    assert (card.creditCard.accountHash, card.creditCard.VID, card.creditCard.accountLength) == (None,) * 3
    assert answer.transaction.account.paymentMethods == []


def test_a_masked_number_and_a_length_are_enough_to_tell_a_card(client: Client) -> None:
    told = _hashed(account="378282*****0005", bin=None, lastDigits=None, accountHash=None, accountLength=15)

    card = _score(client, _order(sourcePaymentMethod=told)).transaction.sourcePaymentMethod.creditCard

    assert (card.account, card.bin, card.lastDigits, card.accountLength) == (
        "378282XXXXX0005",
        "378282",
        "0005",
        15,
    )


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({"bin": "41111"}, 'creditCard.bin "4111" does not have the digits of a card.'),
        ({"lastDigits": "11X1"}, 'creditCard.lastDigits "11X1" does not have the digits of a card.'),
        ({"accountHash": "abc"}, 'creditCard.accountHash "" is not a sha1 hash in hexadecimal.'),
        (
            {"accountHash": HASH, "hashType": "md5"},
            'creditCard.accountHash "" is not a md5 hash in hexadecimal.',
        ),
        ({"accountLength": 5}, 'creditCard.accountLength "5" is not between 12 and 19.'),
        (
            {"bin": None, "lastDigits": None, "accountHash": None},
            f"{FAILED}creditCard.account is missing",
        ),
    ],
)
def test_what_cannot_be_of_a_card_is_refused(client: Client, details: dict[str, Any], text: str) -> None:
    refused = _score(client, _order(sourcePaymentMethod=_hashed(**details)), 400)

    assert shop.text(refused) == text


def test_a_card_told_by_its_hash_is_charged_on_by_nobody(client: Client) -> None:
    scored = _score(client, _order(sourcePaymentMethod=_hashed())).transaction
    told, owner = shop.reference(scored.sourcePaymentMethod), shop.reference(scored.account)
    text = "The card is known without its number: nothing can be charged on it."

    methods = client("PaymentMethod").expecting(400)
    checked = methods.validate(paymentMethod=told, minChargebackProbability=100)
    revived = methods.update(
        paymentMethod=told | {"active": True},
        validate=False,
        minChargebackProbability=100,
        replaceOnAllAutoBills=False,
    )
    sold = sales.sell(client, sales.order(owner, sourcePaymentMethod=told), expecting=400)

    assert shop.text(checked) == text
    assert "creditCard.account is missing" in shop.text(revived)
    assert shop.text(sold) == "Payment method is inactive."
    shop.update(client, shop.order(client, told, account=owner), expecting=400)


def test_a_card_that_was_charged_back_scores_100_by_its_hash_alone(
    client: Client, environment: Environment, merchant: Login
) -> None:
    told = _score(client, _order(sourcePaymentMethod=_hashed())).transaction.sourcePaymentMethod
    with closing(environment.open(environment.merchant(merchant.login))) as work, work.writing():
        stored = work.uow.payment_methods.by_vid(told.VID)
        assert stored is not None
        assert stored.fingerprint is not None
        work.uow.risk.add_disputed(stored.fingerprint, work.now)

    answer = _score(client, _order(sourcePaymentMethod=_hashed(), sourceIp=None))

    assert (answer.score, _codes(answer)) == (100, [("1", "PRIOR_CB_IN_VERTICAL")])


def test_the_same_hash_of_the_same_account_is_one_payment_method(client: Client) -> None:
    first = _score(client, _order(sourcePaymentMethod=_hashed())).transaction
    owner = shop.reference(first.account)

    again = _score(client, _order(owner, sourcePaymentMethod=_hashed())).transaction
    other = _score(client, _order(owner, sourcePaymentMethod=_hashed(expirationDate="203901"))).transaction

    assert again.sourcePaymentMethod.VID == first.sourcePaymentMethod.VID
    assert other.sourcePaymentMethod.VID != first.sourcePaymentMethod.VID


def test_a_sale_is_scored_again_with_more_and_then_processed_under_the_same_id(client: Client) -> None:
    own_id = shop.new_id("sale")
    first = _score(client, _order(merchantTransactionId=own_id, sourceIp=None))
    owner = shop.reference(first.transaction.account)

    second = _score(client, _order(owner, merchantTransactionId=own_id, transactionItems=[sales.item("Map")]))
    sold = sales.sell(client, _order(owner, merchantTransactionId=own_id))

    assert (first.score, second.score) == (-1, 5)
    assert {one.transaction.VID for one in (first, second, sold)} == {first.transaction.VID}
    assert [item.name for item in second.transaction.transactionItems] == ["Map"]
    assert shop.log(sold.transaction) == ["Authorized", "New"]
    assert sold.transaction.paymentProcessor == "Test"


def test_a_sale_that_was_processed_is_not_scored_any_more(client: Client) -> None:
    sold = sales.sell(client, sales.order()).transaction

    refused = _score(client, _order(merchantTransactionId=sold.merchantTransactionId), 400)

    assert shop.text(refused) == (
        f'Transaction with merchantTransactionId "{sold.merchantTransactionId}" has already been processed'
    )


def test_what_was_only_scored_can_be_cancelled(client: Client) -> None:
    scored = _score(client, _order())

    assert sales.cancelled(client, scored) == [200]
    assert sales.log(client, scored) == ["Cancelled", "New"]


def test_a_sale_may_be_scored_before_anything_is_said_of_its_price(client: Client) -> None:
    sale = {"sourceIp": HERE, "sourcePaymentMethod": shop.card(billingAddress=shop.address())}

    scored = _score(client, sale)

    assert (scored.score, scored.transaction.amount, scored.transaction.transactionItems) == (5, 0, [])
    assert scored.transaction.account is None


def test_money_taken_by_hand_leaves_no_payment_method_before_it_is_taken(client: Client) -> None:
    cheque = shop.cheque()
    order = _order(sourcePaymentMethod=cheque)

    scored = _score(client, order)

    assert (scored.score, scored.transaction.sourcePaymentMethod) == (-1, None)
    assert scored.transaction.statusLog[0].paymentMethodType == "MerchantAcceptedPayment"
    owner = shop.reference(scored.transaction.account)
    sold = sales.sell(client, sales.order(owner, sourcePaymentMethod=cheque))
    assert shop.log(sold.transaction) == ["Captured", "New"]


def test_a_sale_is_scored_although_the_tax_service_does_not_answer(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(taxWhenUnavailable="fail")
    sandbox.tax({"country": "US", "rate": "0.1"}, unavailable=True)

    assert _score(client, _order()).score == 5


@pytest.mark.parametrize("sent", ["", "<transaction/>"])
def test_there_has_to_be_something_to_score(wire: Wire, sent: str) -> None:
    reply = wire.call("Transaction", "score", sent)

    assert (reply.code, reply.text) == (400, "Must specify transaction to score")
    assert not reply.has("score")


def test_an_answer_may_be_narrowed_to_the_score(client: Client) -> None:
    answer = _score(client, _order(), srd='{"score": ""}')

    assert (answer.score, answer.transaction) == (5, None)
