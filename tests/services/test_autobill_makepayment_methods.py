"""makePayment by card, bank account, PayPal and by hand: what is used, and what is refused (autobill §6.26)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cashbox_service.app.engine import billing
from cashbox_service.app.environment import Environment
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

Check = Callable[[], None]
FAILED = "Failed to make payment: "
UNKNOWN = "0" * 40


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def owing(client: Client) -> Any:
    """An AutoBill paid by hand whose first invoice of 10.00 is Due."""
    return shop.subscribe(client, shop.invoiced()).autobill


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _refused(client: Client, autobill: Any, method: Any, amount: str = "5.00", **rest: Any) -> str:
    answer = (
        client("AutoBill")
        .expecting(400)
        .makePayment(autobill=shop.reference(autobill), paymentMethod=method, amount=amount, **rest)
    )
    return shop.text(answer)


def _cards(client: Client, autobill: Any) -> list[Any]:
    account = client("Account").fetchByVid(vid=autobill.account.VID).account
    return [method for method in account.paymentMethods if method.type == "CreditCard"]


def test_a_new_card_is_authorized_and_captured_later(client: Client, owing: Any, sandbox: Sandbox) -> None:
    paid = shop.pay(client, owing, "10.00", shop.card())
    assert paid.summary == "Success"
    assert (paid.transaction.paymentProcessor, shop.log(paid.transaction)) == ("Test", ["Authorized", "New"])
    assert {entry.creditCardStatus.authCode for entry in paid.transaction.statusLog} == {"T00"}
    assert paid.transaction.sourcePaymentMethod.creditCard.account == "411111XXXXXX1111"
    assert _states(client, owing) == ["Paid", "Open"]
    sandbox.bill()
    assert shop.log(shop.transactions(client, owing)[-1]) == ["Captured", "Authorized", "New"]


def test_a_new_card_is_added_to_the_account_and_not_to_the_autobill(client: Client, owing: Any) -> None:
    paid = shop.pay(client, owing, "5.00", shop.card(merchantPaymentMethodId="card-1"))
    assert [method.VID for method in _cards(client, owing)] == [paid.transaction.sourcePaymentMethod.VID]
    assert shop.fetched(client, owing).paymentMethod.type == "MerchantAcceptedPayment"


def test_a_card_the_account_has_already_is_the_one_it_has(client: Client, owing: Any) -> None:
    first = shop.pay(client, owing, "2.00", shop.card(merchantPaymentMethodId="one")).transaction
    again = shop.pay(client, owing, "2.00", shop.card(merchantPaymentMethodId="two")).transaction
    plain = shop.pay(client, owing, "2.00", shop.card()).transaction
    known = first.sourcePaymentMethod.VID
    assert {again.sourcePaymentMethod.VID, plain.sourcePaymentMethod.VID} == {known}
    assert again.sourcePaymentMethod.merchantPaymentMethodId == "one"
    assert len(_cards(client, owing)) == 1
    found = client("PaymentMethod").fetchByMerchantPaymentMethodId(paymentMethodId="two").paymentMethod
    assert known == found.VID


def test_the_same_number_with_another_expiry_is_another_card(client: Client, owing: Any) -> None:
    first = shop.pay(client, owing, "2.00", shop.card()).transaction.sourcePaymentMethod
    second = shop.pay(client, owing, "2.00", shop.card(expiry="203901")).transaction.sourcePaymentMethod
    assert first.VID != second.VID
    assert first.creditCard.VID == second.creditCard.VID


@pytest.mark.parametrize("key", ["VID", "merchantPaymentMethodId"])
def test_a_stored_card_is_named_by_its_ids(client: Client, key: str) -> None:
    stored = shop.account(client, paymentMethods=[shop.card(merchantPaymentMethodId="card-1")])
    autobill = shop.subscribe(client, shop.invoiced(), account=shop.reference(stored)).autobill
    named = {key: stored.paymentMethods[0][key]}
    paid = shop.pay(client, autobill, "10.00", named).transaction
    assert paid.sourcePaymentMethod.VID == stored.paymentMethods[0].VID
    assert _states(client, autobill) == ["Paid", "Open"]


@pytest.mark.parametrize(("number", "code"), [(shop.SOFT_DECLINED, "302"), (shop.HARD_DECLINED, "502")])
def test_a_decline_is_no_error_of_the_call(client: Client, owing: Any, number: str, code: str) -> None:
    answer = shop.pay(client, owing, "10.00", shop.card(number))
    assert (shop.text(answer), answer.summary) == ("OK", "Failure")
    assert shop.log(answer.transaction) == ["Cancelled", "New"]
    assert answer.transaction.statusLog[0].creditCardStatus.authCode == code
    assert "vin:InvoiceId" not in shop.names(answer.transaction)
    assert _states(client, owing) == ["Due", "Open"]
    assert shop.due(client, owing, f"{owing.merchantAutoBillId}-00000000") == 10
    assert shop.standing(shop.fetched(client, owing)) == ("Active", "Good Standing")


def test_a_deposit_is_pending_until_the_bank_answers(client: Client, owing: Any, sandbox: Sandbox) -> None:
    answer = shop.pay(client, owing, "10.00", shop.bank_account())
    assert answer.summary == "Pending"
    assert shop.log(answer.transaction) == ["AuthorizedPending", "New"]
    assert _states(client, owing) == ["Due", "Open"]
    sandbox.advance(12)
    captured = shop.transactions(client, owing)[-1]
    assert shop.log(captured) == ["Captured", "AuthorizedPending", "New"]
    assert shop.names(captured)["vin:InvoiceId"] == f"{owing.merchantAutoBillId}-00000000"
    assert _states(client, owing) == ["Paid", "Open"]


def test_a_deposit_that_comes_back_pays_nothing(client: Client, owing: Any, sandbox: Sandbox) -> None:
    shop.pay(client, owing, "10.00", shop.bank_account("1239999"))
    sandbox.advance(12)
    returned = shop.transactions(client, owing)[-1]
    assert shop.log(returned) == ["Cancelled", "AuthorizedPending", "New"]
    assert _states(client, owing) == ["Overdue", "Open"]


def test_a_deposit_goes_to_the_invoices_as_they_stand_when_it_arrives(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), startTimestamp="2024-03-10T00:00:00-08:00").autobill
    sandbox.bill()
    first = f"{autobill.merchantAutoBillId}-00000000"
    shop.pay(client, autobill, "10.00", shop.bank_account(), invoiceId=first)
    shop.pay(client, autobill, "10.00", invoiceId=first)
    assert _states(client, autobill)[0] == "Paid"
    sandbox.advance(12)
    captured = next(one for one in shop.transactions(client, autobill) if one.paymentProcessor == "Test")
    assert shop.names(captured)["vin:InvoiceId"] == f"{autobill.merchantAutoBillId}-00000001"
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]


def test_no_attempt_is_made_while_a_deposit_is_pending(
    client: Client, sandbox: Sandbox, environment: Environment, merchant: Login
) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED))
    autobill = shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill
    sandbox.set_clock("2024-04-18T12:00:00")
    shop.pay(client, autobill, "10.00", shop.bank_account("1239999"))
    # A billing run on the day of the retry, before the bank has answered.
    steps = billing.run(environment, environment.merchant(merchant.login)).steps
    assert [(step.what, step.amount) for step in steps] == [("overdue", "10.00 USD")]
    assert len(shop.transactions(client, autobill)) == 2
    sandbox.bill()
    tried = shop.transactions(client, autobill)
    assert [(shop.log(one)[0], one.retryNumber) for one in tried] == [
        ("Cancelled", 0),
        ("Cancelled", None),
        ("Cancelled", 1),
    ]


def test_paypal_with_an_agreement_is_charged(client: Client, owing: Any) -> None:
    paid = shop.pay(client, owing, "10.00", shop.paypal())
    assert paid.summary == "Success"
    assert _states(client, owing) == ["Paid", "Open"]


def test_paypal_without_an_agreement_is_refused(client: Client, owing: Any) -> None:
    assert (
        _refused(client, owing, shop.paypal(None))
        == f"{FAILED}PayPal payment method has no billing agreement."
    )
    assert _states(client, owing) == ["Due", "Open"]


def test_a_processor_may_approve_less(client: Client, owing: Any) -> None:
    method = shop.card(nameValues=[{"name": "vin:TestAuthCode", "value": "111"}])
    paid = shop.pay(client, owing, "10.00", method)
    assert paid.summary == "Success"
    assert paid.transaction.originalAmount == 10
    assert paid.transaction.amount < 10
    left = 10 - paid.transaction.amount
    assert shop.due(client, owing, f"{owing.merchantAutoBillId}-00000000") == left
    assert _states(client, owing) == ["Due", "Open"]


def test_an_inactive_payment_method_is_refused(client: Client, owing: Any) -> None:
    method = (
        client("PaymentMethod")
        .update(
            paymentMethod=shop.card(active=False),
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        .paymentMethod
    )
    assert _refused(client, owing, {"VID": method.VID}) == f"{FAILED}Payment method is inactive."


def test_a_payment_method_from_outside_the_family_is_refused(client: Client, owing: Any) -> None:
    stranger = shop.account(client, paymentMethods=[shop.card()])
    text = _refused(client, owing, {"VID": stranger.paymentMethods[0].VID})
    assert text == f"{FAILED}Payment method belongs to an account outside the family."


def test_an_unknown_payment_method_is_refused(client: Client, owing: Any) -> None:
    assert _refused(client, owing, {"VID": UNKNOWN}).startswith(FAILED)
    text = _refused(client, owing, {"merchantPaymentMethodId": "nothing"})
    assert text == f"{FAILED}Payment method not found."


def test_a_card_that_fails_its_check_digit_is_refused(client: Client, owing: Any) -> None:
    text = _refused(client, owing, shop.card("1111111111111111"))
    assert text.startswith(FAILED)
    assert "Credit Card failed Luhn check." in text


def test_a_cheque_is_kept_inactive_on_the_account(client: Client, owing: Any) -> None:
    paid = shop.pay(client, owing, "5.00", shop.cheque("chk-1"))
    stored = client("PaymentMethod").fetchByMerchantPaymentMethodId(paymentMethodId="pm-chk-1").paymentMethod
    assert (stored.active, stored.VID) == (False, paid.transaction.sourcePaymentMethod.VID)
    assert stored.merchantAcceptedPayment.amount == 5
    assert stored.merchantAcceptedPayment.paymentId == "chk-1"
    account = client("Account").fetchByVid(vid=owing.account.VID).account
    assert [one.VID for one in account.paymentMethods] == [owing.paymentMethod.VID]


@pytest.mark.parametrize("inner", [None, "0", "5.00"])
def test_the_amount_inside_a_cheque_may_be_left_out(client: Client, owing: Any, inner: str | None) -> None:
    assert shop.pay(client, owing, "5.00", shop.cheque(amount=inner)).transaction.amount == 5


def test_another_amount_or_currency_inside_a_cheque_is_refused(client: Client, owing: Any) -> None:
    assert _refused(client, owing, shop.cheque(amount="6.00")).startswith(FAILED)
    in_euro = shop.cheque()
    in_euro["merchantAcceptedPayment"]["currency"] = "EUR"
    assert _refused(client, owing, in_euro).startswith(FAILED)
    assert _states(client, owing) == ["Due", "Open"]


def test_a_payment_id_is_booked_once(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "3.00", shop.cheque("chk-1"))
    repeated = shop.cheque("chk-1", merchantPaymentMethodId="another-id")
    assert _refused(client, owing, repeated, "3.00") == f'{FAILED}paymentId "chk-1" has been used before.'
    assert shop.due(client, owing, f"{owing.merchantAutoBillId}-00000000") == 7


def test_a_reversed_payment_id_stays_used(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "3.00", shop.cheque("chk-1"))
    client("AutoBill").reversePayment(autobill=shop.reference(owing), paymentId="chk-1")
    repeated = shop.cheque("chk-1", merchantPaymentMethodId="another-id")
    assert "has been used before" in _refused(client, owing, repeated)


def test_a_payment_method_id_is_booked_once(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "3.00", shop.cheque("chk-1"))
    repeated = shop.cheque("chk-2", merchantPaymentMethodId="pm-chk-1")
    text = _refused(client, owing, repeated)
    assert text == f'{FAILED}merchantPaymentMethodId "pm-chk-1" has been used before.'
    other = shop.subscribe(client, shop.invoiced()).autobill
    assert "has been used before" in _refused(client, other, repeated)


def test_a_stored_cheque_cannot_be_used_again(client: Client, owing: Any) -> None:
    used = shop.pay(client, owing, "3.00").transaction.sourcePaymentMethod
    for named in ({"VID": used.VID}, {"merchantPaymentMethodId": used.merchantPaymentMethodId}):
        assert _refused(client, owing, named).startswith(FAILED)
    assert shop.due(client, owing, f"{owing.merchantAutoBillId}-00000000") == 7


def test_the_same_payment_id_on_another_account_is_another_payment(client: Client, owing: Any) -> None:
    other = shop.subscribe(client, shop.invoiced()).autobill
    shop.pay(client, owing, "3.00", shop.cheque("chk-1"))
    shop.pay(client, other, "3.00", shop.cheque("chk-1", merchantPaymentMethodId="other"))


def test_without_ids_nothing_guards_against_a_repeat(client: Client, owing: Any) -> None:
    bare = {"type": "MerchantAcceptedPayment", "merchantAcceptedPayment": {"paymentType": "Cash"}}
    shop.pay(client, owing, "3.00", bare)
    shop.pay(client, owing, "3.00", bare)
    assert shop.due(client, owing, f"{owing.merchantAutoBillId}-00000000") == 4


def test_a_refused_payment_leaves_no_trace(client: Client, owing: Any) -> None:
    _refused(client, owing, shop.cheque("chk-9"), invoiceId="nothing")
    client("PaymentMethod").expecting(404).fetchByMerchantPaymentMethodId(paymentMethodId="pm-chk-9")
    assert shop.transactions(client, owing) == []
    assert shop.pay(client, owing, "5.00", shop.cheque("chk-9")).summary == "Success"


def test_the_verification_number_is_used_and_not_kept(client: Client, owing: Any) -> None:
    method = shop.card(nameValues=[{"name": "CVN", "value": "200"}, {"name": "till", "value": "7"}])
    paid = shop.pay(client, owing, "10.00", method).transaction
    assert paid.statusLog[0].creditCardStatus.cvnCode == "M"
    assert shop.names(paid.sourcePaymentMethod) == {"till": "7"}
