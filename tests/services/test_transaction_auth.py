"""Transaction.auth and authCapture: whom a sale is with, what it says, what it comes to (transaction §5.1, §7.1)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

BAD_NUMBER = (
    "Data validation error Failed to create Payment-Type-Specific Payment Record: Credit Card conversion failed: "
    "Credit Card failed Luhn check. "
)

D = Decimal
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


class TestWhomASaleIsWith:
    def test_an_unknown_account_is_made_with_its_payment_method(self, client: Client) -> None:
        own_id = shop.new_id("account")
        sold = sales.sell(
            client, sales.order(account={"merchantAccountId": own_id, "emailAddress": "new@example.org"})
        ).transaction
        assert sold.account.merchantAccountId == own_id
        assert sold.account.emailAddress == "new@example.org"
        assert [method.VID for method in sold.account.paymentMethods] == [sold.sourcePaymentMethod.VID]
        assert (
            client("Account").fetchByMerchantAccountId(merchantAccountId=own_id).account.VID
            == sold.account.VID
        )

    def test_of_a_known_account_nothing_is_changed_but_payment_methods(self, client: Client) -> None:
        account = shop.account(client)
        echoed = {
            "merchantAccountId": account.merchantAccountId,
            "name": "Somebody Else",
            "paymentMethods": [shop.card(shop.OTHER_CARD)],
        }
        sold = sales.sell(client, sales.order(account=echoed)).transaction
        assert sold.account.name == "Ada Reader"
        assert [method.creditCard.lastDigits for method in sold.account.paymentMethods] == ["1111", "1111"]
        assert len({method.creditCard.bin for method in sold.account.paymentMethods}) == 2

    def test_a_new_payment_method_is_put_behind_the_others(self, client: Client) -> None:
        account = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)])
        sold = sales.sell(client, sales.order(account)).transaction
        assert [method.creditCard.bin for method in sold.account.paymentMethods] == ["545454", "411111"]
        assert sold.sourcePaymentMethod.sortOrder == 1

    @pytest.mark.parametrize("key", ["VID", "merchantPaymentMethodId"])
    def test_a_stored_payment_method_is_charged_by_either_id(self, client: Client, key: str) -> None:
        account = shop.account(client, paymentMethods=[shop.card(merchantPaymentMethodId=shop.new_id("pm"))])
        (stored,) = account.paymentMethods
        sold = sales.sell(client, sales.order(account, sourcePaymentMethod={key: stored[key]})).transaction
        assert sold.sourcePaymentMethod.VID == stored.VID
        assert [method.VID for method in sold.account.paymentMethods] == [stored.VID]

    @pytest.mark.parametrize("method", [None, {}, {"creditCard": {}}])
    def test_without_one_the_default_payment_method_is_charged(
        self, client: Client, method: dict[str, Any] | None
    ) -> None:
        account = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD), shop.card()])
        sold = sales.sell(client, sales.order(account, sourcePaymentMethod=method or None)).transaction
        assert sold.sourcePaymentMethod.VID == account.paymentMethods[0].VID

    def test_a_payment_method_alone_names_its_account(self, client: Client) -> None:
        account = shop.account(client, paymentMethods=[shop.card()])
        method = shop.reference(account.paymentMethods[0])
        sold = sales.sell(client, sales.order(account=None, sourcePaymentMethod=method) | {"account": None})
        assert sold.transaction.account.VID == account.VID

    def test_a_card_may_buy_without_any_account(self, client: Client) -> None:
        sold = sales.sell(client, sales.order() | {"account": None}).transaction
        assert sold.account is None
        assert shop.log(sold) == ["Authorized", "New"]

    def test_an_account_without_payment_method_cannot_buy(self, client: Client) -> None:
        account = shop.account(client)
        answer = sales.sell(client, sales.order(account, sourcePaymentMethod=None), expecting=405)
        assert shop.text(answer) == "Account has no default payment method"
        assert answer.transaction is None

    @pytest.mark.parametrize(
        ("parts", "code", "text"),
        [
            ({"account": None, "sourcePaymentMethod": None}, 400, "No Account or PaymentMethod information"),
            ({"account": {"VID": "0" * 40}}, 404, "Unable to load Account"),
            (
                {"account": {"name": "Nobody"}},
                400,
                "Account object is invalid: No merchantAccountId (unique identifier) specified for Account.",
            ),
            (
                {"sourcePaymentMethod": shop.card("1111111111111111")},
                400,
                BAD_NUMBER,
            ),
            ({"sourcePaymentMethod": {"VID": "0" * 40}}, 404, f'No match found for VID "{"0" * 40}"'),
            (
                {"sourcePaymentMethod": {"merchantPaymentMethodId": "nobody's"}},
                404,
                'No match found for merchantPaymentMethodId "nobody\'s"',
            ),
            (
                {"sourcePaymentMethod": {"accountHolderName": "Ada"}},
                400,
                "Missing required parameter 'sourcePaymentMethod.type'.",
            ),
        ],
    )
    def test_what_leads_to_nobody_is_refused_and_leaves_nothing(
        self, client: Client, parts: dict[str, Any], code: int, text: str
    ) -> None:
        own_id = shop.new_id("sale")
        order = sales.order(merchantTransactionId=own_id) | parts
        assert shop.text(sales.sell(client, order, expecting=code)) == text
        client("Transaction").expecting(404).fetchByMerchantTransactionId(merchantTransactionId=own_id)
        created = order["account"] or {}
        if "merchantAccountId" in created:
            client("Account").expecting(400).fetchByMerchantAccountId(
                merchantAccountId=created["merchantAccountId"]
            )

    def test_a_strangers_payment_method_is_refused(self, client: Client) -> None:
        stranger = shop.account(client, paymentMethods=[shop.card()])
        method = shop.reference(stranger.paymentMethods[0])
        answer = sales.sell(
            client, sales.order(shop.account(client), sourcePaymentMethod=method), expecting=400
        )
        assert shop.text(answer) == "Payment method belongs to an account outside the family."

    def test_a_retired_payment_method_is_refused(self, client: Client) -> None:
        account = shop.account(client, paymentMethods=[shop.card()])
        method = shop.reference(account.paymentMethods[0])
        client("PaymentMethod").update(
            paymentMethod=method | {"active": False},
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        answer = sales.sell(client, sales.order(account, sourcePaymentMethod=method), expecting=400)
        assert shop.text(answer) == "Payment method is inactive."


class TestWhatASaleSays:
    def test_every_field_that_is_sent_comes_back(self, client: Client) -> None:
        said = {
            "merchantTransactionId": shop.new_id("sale"),
            "currency": "EUR",
            "divisionNumber": "D-7",
            "timestamp": "2024-04-14T09:30:00-07:00",
            "sourcePhoneNumber": "+1 555 0100",
            "merchantAffiliateId": "aff",
            "merchantAffiliateSubId": "sub",
            "userAgent": "Mozilla/5.0",
            "note": "gift wrapped",
            "preferredNotificationLanguage": "de",
            "sourceMacAddress": "00:11:22:33:44:55",
            "sourceIp": "192.0.2.7",
            "billingStatementIdentifier": "BOOKS*1",
            "verificationCode": "3DS-OK",
        }
        sold = sales.sell(
            client,
            sales.order(
                **said,
                nameValues=[{"name": "shelf", "value": "A"}],
                shippingAddress={"name": "Ada", "city": "Berlin", "country": "DE"},
                taxExemptions=[{"region": "DE", "exemptionId": "X1", "active": True}],
                mandate={"identifier": "M-1", "status": "Active"},
            ),
        )
        for seen in (sold.transaction, sales.later(client, sold)):
            shown = {name: seen[name] for name in said}
            assert shown.pop("timestamp").isoformat() == said["timestamp"]
            assert shown == {name: text for name, text in said.items() if name != "timestamp"}
            assert shop.names(seen) == {"shelf": "A"}
            assert (seen.shippingAddress.city, seen.shippingAddress.country) == ("Berlin", "DE")
            assert len(seen.shippingAddress.VID) == 40
            assert [(one.region, one.exemptionId) for one in seen.taxExemptions] == [("DE", "X1")]
            assert (seen.mandate.identifier, seen.mandate.status) == ("M-1", "Active")

    def test_what_is_not_said_is_made_up(self, client: Client) -> None:
        account = shop.account(
            client,
            defaultCurrency="CHF",
            shippingAddress={"city": "Bern", "country": "CH"},
        )
        sold = sales.sell(client, sales.order(account)).transaction
        assert sold.merchantTransactionId.startswith("INT0")
        assert sold.paymentProcessorTransactionId == sold.merchantTransactionId
        assert sold.currency == "CHF"
        assert sold.timestamp.isoformat().startswith("2024-04-15T12:00")
        assert sold.shippingAddress.city == "Bern"
        assert sold.paymentProcessor == "Test"
        assert (sold.autobillVID, sold.autoBillCycle, sold.billingPlanCycle, sold.retryNumber) == (None,) * 4

    def test_names_that_the_service_sets_are_ignored_and_those_that_steer_are_kept(
        self, client: Client
    ) -> None:
        sold = sales.sell(
            client,
            sales.order(
                nameValues=[
                    {"name": "vin:RetryNumber", "value": "9"},
                    {"name": "VIN_CUSTOM", "value": "9"},
                    {"name": "vin:Division", "value": "D-8"},
                    {"name": "vin:AutoBillVID", "value": "none"},
                    {"name": "colour", "value": "red"},
                    {"name": "colour", "value": "blue"},
                ]
            ),
        ).transaction
        assert shop.names(sold) == {"vin:Division": "D-8", "vin:AutoBillVID": "none", "colour": "blue"}
        assert sold.divisionNumber == "D-8"

    @pytest.mark.parametrize(
        ("parts", "text"),
        [
            (
                {"merchantTransactionId": "x" * 129},
                f'merchantTransactionId "{"x" * 40}…" is longer than 128 characters.',
            ),
            ({"merchantTransactionId": "a/b"}, 'merchantTransactionId "a/b" must not contain a slash.'),
            (
                {"merchantAffiliateId": "x" * 129},
                f'merchantAffiliateId "{"x" * 40}…" is longer than 128 characters.',
            ),
            ({"currency": "XXY"}, 'currency "XXY" is not a currency.'),
            ({"currency": "_VT"}, 'currency "_VT" is not a currency.'),
            (
                {"ecpTransactionType": "Outbound"},
                "Payments from the merchant to a customer are not supported.",
            ),
        ],
    )
    def test_what_cannot_be_is_named(self, client: Client, parts: dict[str, Any], text: str) -> None:
        assert shop.text(sales.sell(client, sales.order(**parts), expecting=400)) == text

    def test_a_verification_number_is_used_and_never_kept(self, client: Client) -> None:
        sold = sales.sell(
            client,
            sales.order(
                sourcePaymentMethod=shop.card(
                    nameValues=[{"name": "CVN", "value": "202"}, {"name": "shelf", "value": "A"}]
                )
            ),
        ).transaction
        assert sold.statusLog[0].creditCardStatus.cvnCode == "P"
        assert shop.names(sold.sourcePaymentMethod) == {"shelf": "A"}

    def test_the_callers_own_log_is_ignored(self, client: Client) -> None:
        entry = {
            "status": "Captured",
            "timestamp": "2020-01-01T00:00:00Z",
            "paymentMethodType": "PayPal",
            "payPalStatus": {"token": "mine"},
        }
        sold = sales.sell(client, sales.order(statusLog=[entry])).transaction
        assert shop.log(sold) == ["Authorized", "New"]

    def test_nothing_is_refused_by_name(self, wire: Wire) -> None:
        for operation in ("auth", "authCapture"):
            reply = wire.call("Transaction", operation)
            assert (reply.code, reply.text) == (400, "Must specify transaction to authorize")


class TestWhatItComesTo:
    def test_an_approval(self, client: Client) -> None:
        sold = sales.sell(client, sales.order())
        assert (sold.score, sold.scoreCodes) == (-1, [])
        for seen in (sold.transaction, sales.later(client, sold)):
            assert shop.log(seen) == ["Authorized", "New"]
            assert [sales.code(seen, 0), sales.code(seen, 1)] == ["T00", "T00"]
            assert {entry.paymentMethodType for entry in seen.statusLog} == {"CreditCard"}
            assert seen.amount == D("20.00")
            assert seen.originalAmount is None

    @pytest.mark.parametrize(("number", "code"), [(shop.SOFT_DECLINED, "302"), (shop.HARD_DECLINED, "502")])
    def test_a_decline_is_processed_too(self, client: Client, number: str, code: str) -> None:
        sold = sales.sell(client, sales.order(sourcePaymentMethod=shop.card(number)))
        assert shop.log(sold.transaction) == ["Cancelled", "New"]
        assert [sales.code(sold.transaction, 0), sales.code(sold.transaction, 1)] == [code, code]

    def test_a_code_can_be_ordered_of_the_sandbox(self, client: Client) -> None:
        ordered = [{"name": "vin:TestAuthCode", "value": "530"}]
        sold = sales.sell(client, sales.order(nameValues=ordered)).transaction
        assert (shop.log(sold), sales.code(sold)) == (["Cancelled", "New"], "530")

    def test_a_part_may_be_approved(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.script({"authCode": "111", "approvedAmount": "12.00"})
        sold = sales.sell(client, sales.order())
        for seen in (sold.transaction, sales.later(client, sold)):
            assert (seen.amount, seen.originalAmount) == (D("12.00"), D("20.00"))
            assert (shop.log(seen), sales.code(seen)) == (["Authorized", "New"], "111")
        sandbox.bill()
        assert sales.log(client, sold) == ["Captured", "Authorized", "New"]

    def test_auth_judges_no_policy(self, client: Client) -> None:
        card = shop.card(shop.AVS_NO_MATCH, nameValues=[{"name": "CVN", "value": "201"}])
        sold = sales.authorize(client, sales.order(sourcePaymentMethod=card)).transaction
        status = sold.statusLog[0]
        assert (status.status, status.vinAVS, status.creditCardStatus.avsCode) == (
            "Authorized",
            "NoMatch",
            "N",
        )

    @pytest.mark.parametrize(
        ("number", "cvn", "code", "text"),
        [
            (shop.AVS_NO_MATCH, "200", 407, "Failed AVS policy evaluation"),
            (shop.CARD, "201", 408, "Failed CVN policy evaluation"),
            (shop.AVS_NO_MATCH, "201", 409, "Failed AVS and CVN policy evaluation"),
        ],
    )
    def test_an_approval_that_the_policy_refuses_is_given_back(
        self, client: Client, sandbox: Sandbox, number: str, cvn: str, code: int, text: str
    ) -> None:
        card = shop.card(number, nameValues=[{"name": "CVN", "value": cvn}])
        refused = sales.sell(client, sales.order(sourcePaymentMethod=card), expecting=code)
        assert shop.text(refused) == text
        seen = sales.later(client, refused)
        assert shop.log(seen) == ["Cancelled", "Authorized", "New"]
        assert [sales.code(seen, position) for position in range(3)] == ["T00", "T00", "T00"]
        sandbox.bill()
        assert sales.log(client, refused) == ["Cancelled", "Authorized", "New"]

    @pytest.mark.parametrize(
        ("number", "cvn", "waived"),
        [
            (shop.AVS_NO_MATCH, "200", {"ignoreAvsPolicy": True}),
            (shop.CARD, "201", {"ignoreCvnPolicy": True}),
            (shop.AVS_NO_MATCH, "201", {"ignoreAvsPolicy": True, "ignoreCvnPolicy": True}),
        ],
    )
    def test_the_policy_may_be_waived(
        self, client: Client, number: str, cvn: str, waived: dict[str, bool]
    ) -> None:
        card = shop.card(number, nameValues=[{"name": "CVN", "value": cvn}])
        sold = sales.sell(client, sales.order(sourcePaymentMethod=card), **waived)
        assert shop.log(sold.transaction) == ["Authorized", "New"]

    def test_checks_may_be_required(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.settings(avsCvnRequired=True)
        refused = sales.sell(client, sales.order(), expecting=410)
        assert shop.text(refused) == "AVS and CVN policy evaluation could not be performed"

    def test_a_risky_sale_is_recorded_and_not_asked_for(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.script({"authCode": "530"})
        risky = [{"name": "vin:TestScore", "value": "71"}]
        refused = sales.sell(
            client, sales.order(nameValues=risky), expecting=403, minChargebackProbability=70
        )
        assert (shop.text(refused), refused.score) == ("Denied", 71)
        seen = sales.later(client, refused)
        assert (shop.log(seen), sales.code(seen)) == (["Cancelled", "New"], None)
        sold = sales.sell(client, sales.order(nameValues=risky), minChargebackProbability=71)
        assert (sold.score, sales.code(sold.transaction)) == (71, "530")

    def test_a_limit_beyond_all_scores_is_refused(self, client: Client) -> None:
        refused = sales.sell(client, sales.order(), expecting=400, minChargebackProbability=101)
        assert shop.text(refused) == 'minChargebackProbability "101" is not between 0 and 100.'

    def test_without_an_answer_the_sale_is_off_and_nothing_is_kept(
        self, client: Client, sandbox: Sandbox
    ) -> None:
        own_id = shop.new_id("sale")
        sandbox.script({"timeOut": "answer"})
        refused = sales.sell(client, sales.order(merchantTransactionId=own_id), expecting=402)
        assert shop.text(refused) == "Error attempting to authorize"
        found = client("Transaction").fetchByMerchantTransactionId(merchantTransactionId=own_id).transaction
        assert shop.log(found) == ["Cancelled", "New"]


class TestIds:
    def test_an_id_is_processed_once(self, client: Client) -> None:
        own_id = shop.new_id("sale")
        sales.sell(client, sales.order(merchantTransactionId=own_id))
        for ask in (sales.sell, sales.authorize):
            again = ask(client, sales.order(merchantTransactionId=own_id), expecting=400)
            assert shop.text(again) == (
                f'Transaction with merchantTransactionId "{own_id}" has already been processed'
            )

    def test_a_declined_id_is_used_up_too(self, client: Client) -> None:
        own_id = shop.new_id("sale")
        declined = sales.order(
            merchantTransactionId=own_id, sourcePaymentMethod=shop.card(shop.SOFT_DECLINED)
        )
        sales.sell(client, declined)
        sales.sell(client, sales.order(merchantTransactionId=own_id), expecting=400)

    def test_an_unknown_vid_is_refused(self, client: Client) -> None:
        sales.sell(client, sales.order(VID="0" * 40), expecting=404)


class TestDryRuns:
    def test_a_dry_run_shows_the_sale_and_leaves_nothing(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.script({"authCode": "530"})
        order = sales.order(merchantTransactionId=shop.new_id("sale"))
        shown = sales.sell(client, order, dryrun=True).transaction
        assert (shown.VID, shown.account.VID) == (None, None)
        assert shown.merchantTransactionId == order["merchantTransactionId"]
        assert shown.amount == D("20.00")
        assert shop.log(shown) == ["New"]
        assert shown.statusLog[0].creditCardStatus is None
        client("Transaction").expecting(404).fetchByMerchantTransactionId(
            merchantTransactionId=order["merchantTransactionId"]
        )
        client("Account").expecting(400).fetchByMerchantAccountId(
            merchantAccountId=order["account"]["merchantAccountId"]
        )
        assert sales.code(sales.sell(client, order).transaction) == "530"

    def test_a_dry_run_needs_nobody_who_pays(self, client: Client) -> None:
        account = shop.account(client)
        shown = sales.authorize(client, sales.order(account, sourcePaymentMethod=None), dryrun=True)
        assert shown.transaction.amount == D("20.00")
        assert shown.transaction.merchantTransactionId is None
