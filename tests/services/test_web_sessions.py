"""Hosted orders: the merchant prepares, a browser posts, the merchant finalizes (websession §1 to §6)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import inspect

from cashbox_service.app.environment import Environment
from cashbox_service.store.entities import WebSession
from tests.servers import Server
from tests.services import hosted, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login, ServiceClient

Check = Callable[[], None]
USED = (
    "WebSession has already been used or experienced an error. Please check the WebSession return and initiate a new "
    "WebSession."
)
LUHN = (
    "Data validation error Failed to create Payment-Type-Specific Payment Record: Credit Card conversion failed: "
    "Credit Card failed Luhn check. "
)


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check) -> Any:
    yield
    books_are_right()


class TestInitialize:
    def test_the_session_comes_back_with_an_id_and_an_end(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.set_clock("2024-01-15T12:00:00")
        session = hosted.initialize(
            client,
            "transaction_authcapture",
            {"vin_Transaction_currency": "USD"},
            {"Transaction_AuthCapture_ignoreAvsPolicy": "true"},
            nameValues=hosted.pairs({"campaign": "spring"}),
        )
        assert len(session.VID) == 40
        assert session.expireTime.isoformat() == "2024-01-15T13:00:00-08:00"
        assert (session.method, session.version, session.ipAddress) == (
            "transaction_authcapture",
            "22.0",
            hosted.ADDRESS,
        )
        assert hosted.outcome(session) == (200, "OK")
        assert (session.postValues, session.apiReturnValues.method) == ([], None)
        assert [pair.value for pair in session.privateFormValues] == ["USD"]
        assert hosted.fetched(client, session) == session

    @pytest.mark.parametrize("version", ["22.0", "22_0", "22"])
    def test_versions_may_be_written_in_several_ways(self, client: Client, version: str) -> None:
        assert hosted.initialize(client, "Account_Update", version=version).version == version

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"version": None, "method": None}, "Missing required parameter: version version."),
            ({"version": "2.0"}, "Invalid parameter: Unsupported version."),
            ({"method": None, "returnURL": None}, "Missing required parameter: method."),
            ({"method": "Refund_Perform"}, "Invalid parameter: Unsupported method."),
            (
                {"returnURL": None},
                "Unable to initialize WebSession: Missing required parameter: returnURL.",
            ),
            ({"returnURL": "javascript:alert(1)"}, "Invalid parameter: returnURL."),
            ({"errorURL": "/retry"}, "Invalid parameter: errorURL."),
            ({"ipAddress": None}, "Missing required parameter: ipAddress."),
        ],
    )
    def test_what_is_missing_or_wrong_is_told(
        self, client: Client, fields: dict[str, Any], text: str
    ) -> None:
        given = {"method": "Account_Update"} | fields
        answer = hosted.initialize(client, given.pop("method"), expecting=400, **given)
        assert shop.text(answer) == text

    def test_without_an_address_for_errors_the_browser_comes_back_to_one_page(self, client: Client) -> None:
        assert hosted.initialize(client, "Account_Update", errorURL=None).errorURL == hosted.RETURN_URL


class TestForm:
    @pytest.mark.parametrize("path", ["/vws", "/vws.html"])
    def test_an_accepted_form_sends_the_browser_to_the_shop(
        self, client: Client, server: Server, path: str
    ) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        answer = hosted.post(server, session, hosted.CARD, path=path)
        url = f"https://shop.example/ok?basket=7&session_id={session.VID}#top"
        assert (answer.status, answer.headers["location"]) == (302, url)
        assert f'<a href="{url.replace("&", "&amp;")}">'.encode() in answer.body
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"

    def test_nothing_is_stored_or_charged_by_a_form(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "Transaction_AuthCapture", hosted.sale())
        hosted.post(server, session, hosted.CARD)
        own = session.privateFormValues[-1].value
        assert (
            client("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=own).account is None
        )

    def test_the_merchant_sees_the_form_without_its_secrets(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        hosted.post(server, session, hosted.CARD | {"note": "my card is 4111111111111111"})
        fetched = hosted.fetched(client, session)
        assert [pair.name for pair in fetched.postValues] == [
            "vin_WebSession_VID",
            "vin_PaymentMethod_type",
            "vin_PaymentMethod_accountHolderName",
            "vin_PaymentMethod_creditCard_expirationDate_year",
            "vin_PaymentMethod_creditCard_expirationDate_month",
            "vin_PaymentMethod_billingAddress_addr1",
            "vin_PaymentMethod_billingAddress_postalCode",
            "vin_PaymentMethod_billingAddress_country",
            "commit",
            "note",
            "vin_PaymentMethod_creditCard_lastDigits",
            "vin_PaymentMethod_creditCard_bin",
            "vin_PaymentMethod_creditCard_accountLength",
        ]
        told = hosted.values(fetched)
        assert told["vin_PaymentMethod_creditCard_bin"] == "411111"
        assert told["vin_PaymentMethod_creditCard_lastDigits"] == "1111"
        assert "4111111111111111" not in told["note"]
        assert hosted.outcome(fetched) == (200, "OK")

    def test_secrets_that_the_merchant_gives_are_not_kept_or_told_either(
        self, client: Client, environment: Environment, merchant: Login
    ) -> None:
        private = hosted.CARD_ON_FILE | {"PaymentMethod_nameValues_cvn": "200"}
        session = hosted.initialize(
            client, "PaymentMethod_Update", private, nameValues=hosted.pairs({"CVN": "200"})
        )

        told = {pair.name: pair.value for pair in session.privateFormValues}
        assert told["PaymentMethod_creditCard_account"] == "XXXXXXXXXXXX1111"
        assert (told["PaymentMethod_nameValues_cvn"], session.nameValues[0].value) == (None, None)
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            row = work.uow.web_sessions.by_vid(session.VID)
            assert row is not None
            kept = {column.key: str(getattr(row, column.key)) for column in inspect(WebSession).columns}
            assert [name for name, text in kept.items() if hosted.CARD_ON_FILE_NUMBER in text] == []
        done = hosted.finalize(client, session)
        stored = done.apiReturnValues.paymentMethodUpdate.paymentMethod
        assert (hosted.outcome(done)[0], stored.creditCard.account) == (200, "411111XXXXXX1111")
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            row = work.uow.web_sessions.by_vid(session.VID)
            assert row is not None
            assert (row.sealed, row.sealed_given, row.sealed_until) == (None, None, None)

    def test_bank_accounts_are_told_by_their_end(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        bank = {
            "vin_PaymentMethod_type": "ECP",
            "vin_PaymentMethod_ecp_account": "123456789",
            "vin_PaymentMethod_ecp_routingNumber": "110000000",
        }
        hosted.post(server, session, bank)
        told = hosted.values(hosted.fetched(client, session))
        assert "vin_PaymentMethod_ecp_account" not in told
        assert told["vin_PaymentMethod_ecp_lastDigits"] == "6789"
        assert told["vin_PaymentMethod_ecp_accountLength"] == "9"

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"vin_Transaction_currency": "EUR"}, "Invalid value for vin_Transaction_currency"),
            ({"VIN_transaction_CURRENCY": "EUR"}, "Invalid value for vin_Transaction_currency"),
            ({"vin_BillingPlan_VID": "c"}, "Invalid value for BillingPlan_VID"),
            ({"vin_PaymentMethod_type": "Shells"}, "Invalid payment method type:  Shells"),
            ({"vin_PaymentMethod_type": ""}, "Invalid payment method type:  "),
            ({"vin_PaymentMethod_creditCard_account": "4111111111111112"}, LUHN),
            ({"vin_PaymentMethod_creditCard_account": "411111XXXXXX1111"}, LUHN),
            (
                {"vin_PaymentMethod_creditCard_expirationDate_month": "13"},
                "Credit card expirationDate is invalid",
            ),
            ({"vin_WebSession_method": "Account_Update"}, "Invalid value for vin_WebSession_method"),
        ],
    )
    def test_a_refused_form_ends_the_session(
        self, client: Client, server: Server, changes: dict[str, str], text: str
    ) -> None:
        private = {"vin_Transaction_currency": "USD", "BillingPlan_VID": "a, b"}
        session = hosted.initialize(client, "Transaction_Auth", private)
        chosen = {"vin_BillingPlan_VID": "b"}
        answer = hosted.post(server, session, hosted.CARD | chosen | changes)
        assert answer.headers["location"] == f"{hosted.ERROR_URL}?session_id={session.VID}"
        assert hosted.outcome(hosted.fetched(client, session)) == (400, text)
        ended = hosted.finalize(client, session, expecting=401)
        assert hosted.outcome(ended) == (400, text)
        again = hosted.post(server, session, hosted.CARD | chosen)
        assert again.headers["location"].startswith(hosted.ERROR_URL)
        assert hosted.outcome(hosted.fetched(client, session)) == (400, text)

    def test_of_several_allowed_values_one_has_to_be_sent(self, client: Client, server: Server) -> None:
        session = hosted.initialize(
            client, "PaymentMethod_Update", {"vin_PaymentMethod_currency": "USD, EUR"}
        )
        assert hosted.post(server, session, hosted.CARD).headers["location"].startswith(hosted.ERROR_URL)

    def test_a_later_form_takes_the_place_of_an_earlier_one(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        hosted.post(server, session, hosted.CARD)
        hosted.post(server, session, hosted.CARD | {"vin_PaymentMethod_accountHolderName": "Bob"})
        stored = hosted.finalize(client, session).apiReturnValues.paymentMethodUpdate.paymentMethod
        assert stored.accountHolderName == "Bob"

    def test_forms_of_unknown_sessions_lead_nowhere(self, client: Client, server: Server) -> None:
        for session in ("", "0" * 40, "\0", "é" * 40):
            answer = hosted.post(server, session, hosted.CARD)
            assert (answer.status, b"not known" in answer.body) == (404, True)
            assert "location" not in answer.headers

    def test_characters_that_no_form_should_have_do_no_harm(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "PaymentMethod_Validate")
        odd = {"note": "a\0b", "na\0me": "\ufffe", "vin_PaymentMethod_accountHolderName": "A\0da"}
        answer = hosted.post(server, session, hosted.CARD | odd)
        assert answer.headers["location"].startswith("https://shop.example/ok")
        assert hosted.fetched(client, session).postValues
        assert hosted.outcome(hosted.finalize(client, session)) == (200, "OK")

    def test_an_expired_session_takes_no_form(self, client: Client, server: Server, sandbox: Sandbox) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        hosted.post(server, session, hosted.CARD)
        sandbox.advance(1)
        answer = hosted.post(server, session, hosted.CARD)
        assert answer.headers["location"].startswith(hosted.ERROR_URL)
        assert hosted.outcome(hosted.fetched(client, session)) == (400, "WebSession has expired")
        answer = client("WebSession").expecting(400).finalize(session={"VID": session.VID})
        assert (shop.text(answer), answer.session) == ("WebSession has expired", None)

    def test_only_forms_can_be_sent_there(self, server: Server) -> None:
        answer = server.get("/vws")
        assert (answer.status, answer.headers["allow"]) == (405, "POST, OPTIONS")
        large = server.request(
            "POST", "/vws", b"a" * 70_000, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        many = server.request(
            "POST", "/vws", b"a=1&" * 501, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert (large.status, many.status) == (413, 413)


class TestScripts:
    ORIGIN = "https://shop.example"

    @pytest.mark.parametrize(
        ("url", "headers", "field"),
        [
            ("https://shop.example/ok", {"X-Requested-With": "XMLHttpRequest"}, {}),
            ("https://shop.example/ok", {}, {"vin_ajax": "1"}),
            ("ajaxs://shop.example/ok", {}, {}),
        ],
    )
    def test_a_script_reads_where_to_go_from_a_header(
        self, client: Client, server: Server, url: str, headers: dict[str, str], field: dict[str, str]
    ) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update", returnURL=url)
        answer = hosted.post(server, session, hosted.CARD | field, headers | {"Origin": self.ORIGIN})
        assert answer.status == 200
        assert answer.headers["redirect-url"] == f"https://shop.example/ok?session_id={session.VID}"
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN
        assert answer.headers["access-control-expose-headers"] == "Redirect-URL"

    def test_a_script_of_another_site_may_not_read_it(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        answer = hosted.post(server, session, hosted.CARD, {"Origin": "https://thief.example"})
        assert "access-control-allow-origin" not in answer.headers

    def test_a_browser_may_ask_beforehand(self, server: Server) -> None:
        answer = server.request("OPTIONS", "/vws", headers={"Origin": self.ORIGIN})
        assert (answer.status, answer.headers["access-control-allow-methods"]) == (204, "POST")


class TestObjects:
    def test_an_autobill_that_was_not_made_is_not_found(self, client: Client) -> None:
        session = hosted.initialize(client, "AutoBill_Update")
        for vid, code, text in (
            ("", 400, "No VID specified to load session by."),
            ("none", 400, "Unable to load session: No match for VID none."),
            (session.VID, 404, f"No autobill found for WebSession {session.VID}"),
        ):
            answer = client("AutoBill").expecting(code).fetchByWebSessionVid(vid=vid)
            assert (shop.text(answer), answer.autobill) == (text, None)

    def test_sessions_of_others_are_not_known(
        self, client: Client, server: Server, module_merchant: Login
    ) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        for service in ("Account", "AutoBill", "PaymentMethod", "Transaction"):
            ServiceClient(
                server, module_merchant, service, 404 if service != "AutoBill" else 400
            ).fetchByWebSessionVid(vid=session.VID)
        theirs = ServiceClient(server, module_merchant, "WebSession", 404)
        assert theirs.fetchByVid(vid=session.VID).session is None
        assert theirs.finalize(session={"VID": session.VID}).session is None
        assert hosted.fetched(client, session) == session


class TestFinalize:
    def test_a_sale_is_made_with_what_browser_and_merchant_gave(
        self, client: Client, server: Server, sandbox: Sandbox
    ) -> None:
        session = hosted.initialize(client, "Transaction_AuthCapture", hosted.sale())
        hosted.post(server, session, hosted.CARD | {"vin_Transaction_nope": "x", "vin_Account_name": "Ada"})
        done = hosted.finalize(client, session)
        assert hosted.outcome(done) == (200, "OK")
        assert done.apiReturnValues.method == "transactionAuthCapture"
        sold = done.apiReturnValues.transactionAuthCapture.transaction
        assert (sold.statusLog[0].status, sold.amount) == ("Authorized", Decimal("19.98"))
        assert (sold.sourceIp, sold.account.name) == (hosted.ADDRESS, "Ada")
        card = sold.sourcePaymentMethod
        assert (card.creditCard.account, card.creditCard.expirationDate) == ("411111XXXXXX1111", "203807")
        assert hosted.fetched(client, session) == done
        sandbox.bill()
        assert client("Transaction").fetchByWebSessionVid(vid=session.VID).transaction.VID == sold.VID
        assert client("Account").fetchByWebSessionVid(vid=session.VID).account.VID == sold.account.VID
        assert client("PaymentMethod").fetchByWebSessionVid(vid=session.VID).paymentMethod.VID == card.VID

    def test_a_decline_is_a_result_of_the_call(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "Transaction_Auth", hosted.sale())
        declined = {"vin_PaymentMethod_creditCard_account": shop.SOFT_DECLINED}
        hosted.post(server, session, hosted.CARD | declined)
        done = hosted.finalize(client, session)
        assert hosted.outcome(done) == (200, "OK")
        assert done.apiReturnValues.transactionAuth.transaction.statusLog[0].status == "Cancelled"

    def test_a_subscription_begins(self, client: Client, server: Server) -> None:
        product, plan = shop.product(client), shop.plan(client)
        private = {
            "vin_Account_merchantAccountId": shop.new_id("account"),
            "vin_AutoBill_merchantAutoBillId": shop.new_id("bill"),
            "vin_AutoBill_currency": "USD",
            "BillingPlan_merchantBillingPlanId": plan.merchantBillingPlanId,
        }
        parameters = {"AutoBill_Update_immediateAuthFailurePolicy": "doNotSaveAutoBill"}
        session = hosted.initialize(
            client, "AutoBill_Update", private, parameters, nameValues=hosted.pairs({"shop": "north"})
        )
        chosen = {"vin_AutoBill_items_0_Product_merchantProductId": product.merchantProductId}
        hosted.post(server, session, hosted.CARD | chosen)
        done = hosted.finalize(client, session)
        assert hosted.outcome(done) == (200, "OK")
        assert done.apiReturnValues.method == "autobillUpdate"
        made = done.apiReturnValues.autoBillUpdate
        assert (made.created, made.autobill.status) == (True, "Active")
        assert made.autobill["items"][0].product.merchantProductId == product.merchantProductId
        assert shop.names(made.autobill)["shop"] == "north"
        found = client("AutoBill").fetchByWebSessionVid(vid=session.VID).autobill
        assert found.VID == made.autobill.VID
        transaction = client("Transaction").fetchByWebSessionVid(vid=session.VID).transaction
        assert transaction.VID == made.initialTransaction.VID

    def test_an_account_gets_another_card(self, client: Client, server: Server) -> None:
        account = shop.account(client)
        session = hosted.initialize(
            client,
            "Account_UpdatePaymentMethod",
            {"vin_Account_VID": account.VID, "vin_PaymentMethod_merchantPaymentMethodId": shop.new_id("pm")},
            {"Account_UpdatePaymentMethod_replaceOnAllAutoBills": "false"},
        )
        hosted.post(server, session, hosted.CARD)
        done = hosted.finalize(client, session)
        assert (hosted.outcome(done), done.apiReturnValues.method) == (
            (200, "OK"),
            "accountUpdatePaymentMethod",
        )
        stored = done.apiReturnValues.accountUpdatePaymentMethod.account.paymentMethods[0]
        assert client("PaymentMethod").fetchByWebSessionVid(vid=session.VID).paymentMethod.VID == stored.VID

    def test_a_card_is_checked_without_being_kept(self, client: Client, server: Server) -> None:
        session = hosted.initialize(
            client, "PaymentMethod_Validate", {}, {"PaymentMethod_Validate_minchargebackprobability": "100"}
        )
        hosted.post(server, session, hosted.CARD)
        done = hosted.finalize(client, session)
        assert (hosted.outcome(done), done.apiReturnValues.paymentMethodValidate.validated) == (
            (200, "OK"),
            True,
        )
        answer = client("PaymentMethod").expecting(404).fetchByWebSessionVid(vid=session.VID)
        assert answer.paymentMethod is None

    def test_a_method_alone_is_stored_and_told_so(self, client: Client, server: Server) -> None:
        session = hosted.initialize(
            client, "PaymentMethod_Update", {}, {"PaymentMethod_update_replaceOnAllAutoBills": "1"}
        )
        hosted.post(server, session, hosted.CARD)
        done = hosted.finalize(client, session)
        assert hosted.outcome(done) == (
            228,
            "Payment method saved but missing associated account - unable to replace on autobills ",
        )
        assert done.apiReturnValues.paymentMethodUpdate.created

    def test_an_account_is_stored(self, client: Client, server: Server) -> None:
        own = shop.new_id("account")
        session = hosted.initialize(client, "account_update", {"Account_merchantAccountId": own})
        hosted.post(server, session, {"vin_Account_shippingAddress_city": "London"})
        done = hosted.finalize(client, session)
        made = done.apiReturnValues.accountUpdate
        assert (made.created, made.account.merchantAccountId, made.account.shippingAddress.city) == (
            True,
            own,
            "London",
        )

    def test_a_policy_that_fails_shows_in_the_session(self, client: Client, server: Server) -> None:
        account = shop.account(client)
        session = hosted.initialize(
            client,
            "Account_UpdatePaymentMethod",
            {"vin_Account_VID": account.VID},
            {"Account_UpdatePaymentMethod_updateBehavior": "Validate"},
        )
        hosted.post(server, session, hosted.CARD | {"vin_PaymentMethod_nameValues_cvn": "201"})
        done = hosted.finalize(client, session)
        assert done.apiReturn.returnCode == 408
        assert done.apiReturnValues.accountUpdatePaymentMethod.validated is False

    def test_what_is_missing_is_told_even_without_a_form(self, client: Client) -> None:
        for method, name in (
            ("PaymentMethod_Update", "PaymentMethod"),
            ("Transaction_Auth", "PaymentMethod"),
            ("Account_UpdatePaymentMethod", "PaymentMethod"),
            ("Account_Update", "Account"),
        ):
            done = hosted.finalize(client, hosted.initialize(client, method))
            assert hosted.outcome(done) == (402, f"Missing required parameter: vin_{name}")
            assert done.apiReturnValues.method is not None

    def test_a_type_that_nobody_gave_is_told_without_a_form_too(self, client: Client) -> None:
        session = hosted.initialize(
            client, "PaymentMethod_Update", {"PaymentMethod_accountHolderName": "Ada"}
        )
        assert hosted.outcome(hosted.finalize(client, session)) == (400, "Invalid payment method type:  ")

    def test_the_end_may_bring_values_and_parameters(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "Transaction_Auth", hosted.sale())
        hosted.post(server, session, hosted.CARD)
        done = hosted.finalize(
            client,
            session,
            privateFormValues=hosted.pairs({"vin_Transaction_transactionItems_0_price": "1.00"}),
            methodParamValues=hosted.pairs(
                {"Transaction_Auth_dryrun": "true", "Transaction_Auth_campaignCode": "null"}
            ),
        )
        assert hosted.outcome(done) == (200, "OK")
        assert done.apiReturnValues.transactionAuth.transaction.amount == Decimal("2.00")
        client("Transaction").expecting(404).fetchByWebSessionVid(vid=session.VID)

    def test_a_parameter_of_a_wrong_type_fails_the_call(self, client: Client, server: Server) -> None:
        session = hosted.initialize(
            client, "Transaction_Auth", hosted.sale(), {"Transaction_Auth_dryrun": "perhaps"}
        )
        hosted.post(server, session, hosted.CARD)
        code, text = hosted.outcome(hosted.finalize(client, session))
        assert (code, "dryrun" in text, "perhaps" in text) == (400, True, True)

    def test_a_session_is_used_once(self, client: Client, server: Server) -> None:
        session = hosted.initialize(client, "PaymentMethod_Update")
        hosted.post(server, session, hosted.CARD)
        done = hosted.finalize(client, session)
        answer = client("WebSession").expecting(401).finalize(session={"VID": session.VID})
        assert (shop.text(answer), answer.session) == (USED, done)
        assert hosted.post(server, session, hosted.CARD).headers["location"].startswith(hosted.ERROR_URL)
        assert hosted.fetched(client, session) == done

    def test_a_session_has_to_be_named(self, client: Client) -> None:
        answer = client("WebSession").expecting(400).finalize(session={"method": "Account_Update"})
        assert (shop.text(answer), answer.session) == ("Must specify a WebSession to finalize!", None)

    def test_objects_inside_others_are_told_by_their_own_names_only(
        self, client: Client, server: Server
    ) -> None:
        private = hosted.sale(Transaction_sourcePaymentMethod_merchantPaymentMethodId="pm")
        session = hosted.initialize(client, "Transaction_Auth", private)
        hosted.post(server, session, {})
        assert hosted.outcome(hosted.finalize(client, session)) == (
            402,
            "Missing required parameter: vin_PaymentMethod",
        )
