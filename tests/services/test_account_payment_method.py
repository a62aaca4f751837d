"""Account.updatePaymentMethod: a payment method brought to an account, or changed on it (account §3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire

FAILED = "Data validation error Failed to create Payment-Type-Specific Payment Record: "
UNKNOWN = "0" * 40


def put(client: Client, account: Any, method: dict[str, Any], expecting: int = 200, **options: Any) -> Any:
    """The call with the least it needs; the whole response."""
    given = {
        "updateBehavior": "Update",
        "updateScopeOnAccount": "None",
        "updateScopeOnChildren": "None",
    } | options
    return (
        client("Account")
        .expecting(expecting)
        .updatePaymentMethod(account=shop.reference(account), paymentMethod=method, **given)
    )


def shown(client: Client, account: Any) -> list[tuple[str, int]]:
    """What the account has, by order of preference: VID and position."""
    methods = client("Account").fetchByVid(vid=account.VID).account.paymentMethods
    return [(method.VID, method.sortOrder) for method in methods]


def assert_failed(answer: Any) -> None:
    """Nothing but the flag comes with a failure."""
    assert (answer.account, answer.validated, answer.successes, answer.failures) == (None, False, [], [])


def test_a_new_payment_method_becomes_the_first(shared: Client) -> None:
    account = shop.account(shared, paymentMethods=[shop.card()])
    old = account.paymentMethods[0]

    answer = put(shared, account, shop.paypal(merchantPaymentMethodId=shop.new_id("paypal")))

    assert (answer["return"].returnString, answer.validated) == ("OK", False)
    new, kept = answer.account.paymentMethods
    assert [(new.type, new.sortOrder), (kept.VID, kept.sortOrder)] == [("PayPal", 0), (old.VID, 1)]
    assert shown(shared, account) == [(new.VID, 0), (old.VID, 1)]


@pytest.mark.parametrize(("position", "index"), [(0, 0), (1, 1), (2, 2), (7, 2), (-1, 0)])
def test_an_explicit_position_is_that_of_the_new_one(shared: Client, position: int, index: int) -> None:
    account = shop.account(shared, paymentMethods=[shop.card(), shop.bank_account()])

    methods = put(shared, account, shop.paypal(sortOrder=position)).account.paymentMethods

    assert [method.type for method in methods].index("PayPal") == index
    assert [method.sortOrder for method in methods] == [0, 1, 2]


def test_a_known_id_edits_in_place_and_what_is_not_given_stays(shared: Client) -> None:
    key = shop.new_id("card")
    account = shop.account(shared, paymentMethods=[shop.paypal(), shop.card(merchantPaymentMethodId=key)])
    before = account.paymentMethods[1]

    after = put(
        shared, account, {"merchantPaymentMethodId": key, "creditCard": {"expirationDate": "204512"}}
    ).account.paymentMethods[1]

    assert (after.VID, after.sortOrder, after.creditCard.expirationDate) == (before.VID, 1, "204512")
    assert after.creditCard.account == before.creditCard.account
    assert after.creditCard.VID == before.creditCard.VID


def test_a_payment_method_that_belongs_to_nobody_comes_to_the_account(shared: Client) -> None:
    alone = (
        shared("PaymentMethod")
        .update(
            paymentMethod=shop.card(),
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        .paymentMethod
    )
    account = shop.account(shared, paymentMethods=[shop.paypal()])

    answer = put(shared, account, {"VID": alone.VID})

    assert shown(shared, account)[0] == (alone.VID, 0)
    assert len(answer.account.paymentMethods) == 2


def test_retiring_hides_it_and_moves_the_others_up(shared: Client) -> None:
    account = shop.account(shared, paymentMethods=[shop.card(), shop.paypal(), shop.bank_account()])
    first, second, third = account.paymentMethods

    answer = put(shared, account, {"VID": first.VID, "active": False})

    assert [method.VID for method in answer.account.paymentMethods] == [second.VID, third.VID]
    assert shown(shared, account) == [(second.VID, 0), (third.VID, 1)]
    assert shared("PaymentMethod").fetchByVid(vid=first.VID).paymentMethod.active is False


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ({"merchantAccountId": "nobody"}, 'No match found for merchantAccountId "nobody"'),
        ({"VID": UNKNOWN}, f'No match found for VID "{UNKNOWN}"'),
        ({"VID": UNKNOWN, "merchantAccountId": "nobody"}, f'No match found for VID "{UNKNOWN}"'),
    ],
)
@pytest.mark.parametrize("behavior", ["Update", "Validate", "CatchUp"])
def test_an_unknown_account_is_not_found(
    shared: Client, reference: dict[str, str], text: str, behavior: str
) -> None:
    answer = (
        shared("Account")
        .expecting(404)
        .updatePaymentMethod(
            account=reference,
            paymentMethod=shop.card(),
            updateBehavior=behavior,
            updateScopeOnAccount="None",
            updateScopeOnChildren="None",
        )
    )

    assert answer["return"].returnString == text
    assert_failed(answer)


def test_an_external_id_refers_to_no_account(shared: Client) -> None:
    account = shop.account(shared, externalId=shop.new_id("external"))

    answer = (
        shared("Account")
        .expecting(400)
        .updatePaymentMethod(
            account={"externalId": account.externalId},
            paymentMethod=shop.card(),
            updateBehavior="Update",
            updateScopeOnAccount="None",
            updateScopeOnChildren="None",
        )
    )

    assert answer["return"].returnString == "Account not specified."


def test_ids_of_two_accounts_are_refused(shared: Client) -> None:
    one, other = shop.account(shared), shop.account(shared)
    both = {"VID": one.VID, "merchantAccountId": other.merchantAccountId}

    answer = (
        shared("Account")
        .expecting(400)
        .updatePaymentMethod(
            account=both,
            paymentMethod=shop.card(),
            updateBehavior="Update",
            updateScopeOnAccount="None",
            updateScopeOnChildren="None",
        )
    )

    assert answer["return"].returnString == "VID and merchantAccountId belong to different accounts."
    assert shown(shared, one) == shown(shared, other) == []


@pytest.mark.parametrize("behavior", ["Update", "Validate", "CatchUp"])
@pytest.mark.parametrize(
    ("method", "code", "text"),
    [
        (
            shop.card("1111111111111111"),
            400,
            f"{FAILED}Credit Card conversion failed: Credit Card failed Luhn check. ",
        ),
        ({"accountHolderName": "Ada"}, 400, "Data validation error Invalid payment method type:  "),
        ({"type": "CreditCard"}, 400, f"{FAILED}creditCard is missing"),
        (shop.card(currency="QQQ"), 400, 'Data validation error currency "QQQ" is not a currency.'),
        (
            shop.card(nameValues=[{"name": "n", "value": "v" * 256}]),
            400,
            f'Data validation error nameValues.value "{"v" * 40}…" is longer than 255 characters.',
        ),
        ({"VID": UNKNOWN}, 404, f'No match found for VID "{UNKNOWN}"'),
    ],
)
def test_a_payment_method_that_cannot_be_stored_is_refused(
    shared: Client, behavior: str, method: dict[str, Any], code: int, text: str
) -> None:
    account = shop.account(shared)

    answer = put(shared, account, method, code, updateBehavior=behavior)

    assert answer["return"].returnString == text
    assert_failed(answer)
    assert shown(shared, account) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("", "Account not specified."),
        ("<account><name>x</name></account>", "Account not specified."),
        ("<account>{0}</account>", "Missing required parameter 'paymentMethod'."),
        ("<account>{0}</account><paymentMethod/>", "Missing required parameter 'paymentMethod'."),
    ],
)
def test_both_arguments_are_needed(shared: Client, shared_wire: Wire, arguments: str, text: str) -> None:
    key = f"<VID>{shop.account(shared).VID}</VID>"

    reply = shared_wire.call("Account", "updatePaymentMethod", arguments.format(key))

    assert (reply.code, reply.text) == (400, text)
    assert [str(part.tag) for part in reply.body] == ["return", "validated"]
    assert reply.value("validated") == "0"


@pytest.mark.parametrize("form", ["", "<updateScopeOnAccount/><updateBehavior/><updateScopeOnChildren/>"])
def test_absent_and_empty_choices_mean_update_and_none(shared: Client, shared_wire: Wire, form: str) -> None:
    account = shop.account(shared)
    details = "<merchantAcceptedPayment><paymentType>c</paymentType></merchantAcceptedPayment>"
    method = f"<paymentMethod><type>MerchantAcceptedPayment</type>{details}</paymentMethod>"

    reply = shared_wire.call(
        "Account", "updatePaymentMethod", f"<account><VID>{account.VID}</VID></account>{method}{form}"
    )

    assert (reply.code, reply.value("validated")) == (200, "0")


@pytest.mark.parametrize(
    ("name", "enumeration"),
    [
        ("updateBehavior", "PaymentUpdateBehavior"),
        ("updateScopeOnAccount", "UpdateScope"),
        ("updateScopeOnChildren", "UpdateScope"),
    ],
)
def test_another_choice_is_refused_by_name(shared_wire: Wire, name: str, enumeration: str) -> None:
    reply = shared_wire.call("Account", "updatePaymentMethod", f"<{name}>Perhaps</{name}>")

    assert (reply.code, reply.value("validated")) == (400, "0")
    assert reply.text == (
        f'Invalid Arguments - Item "Vindicia::Soap::Account.{name}" of type vin:{enumeration} '
        'has invalid value "Perhaps"!'
    )


@pytest.mark.parametrize(
    ("method", "validated"),
    [(shop.card(), True), (shop.bank_account(), True), (shop.invoiced(), True), (shop.paypal(), False)],
)
@pytest.mark.parametrize("behavior", ["Validate", "CatchUp"])
def test_validation_saves_what_passes_and_what_cannot_be_checked(
    shared: Client, behavior: str, method: dict[str, Any], validated: bool
) -> None:
    account = shop.account(shared)

    answer = put(shared, account, method, updateBehavior=behavior)

    assert answer.validated is validated
    assert [method.type for method in answer.account.paymentMethods] == [method["type"]]
    assert (answer.successes, answer.failures) == ([], [])


def test_a_validation_is_kept_as_a_transaction_of_the_account(client: Client) -> None:
    account = shop.account(client)

    method = put(client, account, shop.card(), updateBehavior="Validate").account.paymentMethods[0]

    (transaction,) = client("Transaction").fetchByAccount(account=shop.reference(account)).transactions
    assert shop.log(transaction) == ["AuthorizedForValidation", "New"]
    assert (str(transaction.amount), transaction.sourcePaymentMethod.VID) == ("1.00", method.VID)


@pytest.mark.parametrize("behavior", ["Validate", "CatchUp"])
@pytest.mark.parametrize(("number", "code"), [(shop.SOFT_DECLINED, "302"), (shop.HARD_DECLINED, "502")])
def test_a_declined_validation_saves_nothing(shared: Client, behavior: str, number: str, code: str) -> None:
    account = shop.account(shared, paymentMethods=[shop.paypal()])
    key = shop.new_id("card")

    answer = put(
        shared, account, shop.card(number, merchantPaymentMethodId=key), 402, updateBehavior=behavior
    )

    assert answer["return"].returnString == f"Unable to authorize payment method: {code}"
    assert_failed(answer)
    assert [vid for vid, _ in shown(shared, account)] == [account.paymentMethods[0].VID]
    shared("PaymentMethod").expecting(404).fetchByMerchantPaymentMethodId(paymentMethodId=key)
    shared("Transaction").expecting(404).fetchByAccount(account=shop.reference(account))


def test_a_declined_edit_leaves_the_payment_method_as_it_was(shared: Client) -> None:
    account = shop.account(shared, paymentMethods=[shop.card()])
    before = account.paymentMethods[0]

    put(shared, account, shop.card(shop.HARD_DECLINED) | {"VID": before.VID}, 402, updateBehavior="Validate")

    assert str(shared("PaymentMethod").fetchByVid(vid=before.VID).paymentMethod) == str(before)


AVS: dict[str, Any] = {"billingAddress": {"addr1": "AVS:N"}}
CVN: dict[str, Any] = {"nameValues": [{"name": "CVN", "value": "201"}]}
POLICIES = [
    (AVS, {}, 407, "Failed AVS policy evaluation"),
    (CVN, {}, 408, "Failed CVN policy evaluation"),
    (AVS | CVN, {}, 409, "Failed AVS and CVN policy evaluation"),
    (AVS | CVN, {"ignoreAvsPolicy": True}, 408, "Failed CVN policy evaluation"),
    (AVS | CVN, {"ignoreCvnPolicy": True}, 407, "Failed AVS policy evaluation"),
    (AVS | CVN, {"ignoreAvsPolicy": True, "ignoreCvnPolicy": True}, 200, "OK"),
]


@pytest.mark.parametrize(("parts", "waived", "code", "text"), POLICIES)
@pytest.mark.parametrize("behavior", ["Validate", "CatchUp"])
def test_policies_refuse_and_can_be_waived(
    shared: Client, behavior: str, parts: dict[str, Any], waived: dict[str, bool], code: int, text: str
) -> None:
    account = shop.account(shared)

    answer = put(shared, account, shop.card(**parts), code, updateBehavior=behavior, **waived)

    assert (answer["return"].returnString, answer.validated) == (text, code == 200)
    assert len(shown(shared, account)) == (1 if code == 200 else 0)


def test_no_policy_is_evaluated_by_a_plain_update(shared: Client) -> None:
    account = shop.account(shared)

    put(shared, account, shop.card(**AVS, **CVN))

    assert len(shown(shared, account)) == 1


def test_a_strict_merchant_refuses_a_card_that_was_not_checked(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(avsCvnRequired=True)
    account = shop.account(client)

    answer = put(client, account, shop.card(), 410, updateBehavior="Validate")

    assert answer["return"].returnString == "AVS and CVN policy evaluation could not be performed"
    assert shown(client, account) == []
