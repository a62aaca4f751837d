"""The ready-made payment page: what it asks and shows, what it refuses, and what becomes of its session."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import Server
from tests.services import hosted, pay_page, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

NUMBER = "4111 1111 1111 1111"


def asked(page: pay_page.Page) -> list[str]:
    return list(page.fields)


class TestShowing:
    def test_a_sale_is_shown_with_its_total(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "Transaction_AuthCapture", hosted.sale())
        page = pay_page.opened(server, session)
        assert (page.answer.status, page.texts("h1")) == (200, ["Payment"])
        assert page.texts("section//li") == ["Thing × Quantity 2 $19.98"]
        assert page.texts("p[@class='total']") == ["Total $19.98"]
        assert page.texts("button") == ["Pay $19.98"]
        assert asked(page) == ["holder", "number", "expiry", "cvn", *list(pay_page.CARD)[4:5], "addr2", "city",
                               "district", "postalCode", "country"]  # fmt: skip
        tokens = {name: each.get("autocomplete") for name, each in page.fields.items()}
        assert (tokens["number"], tokens["expiry"], tokens["cvn"]) == ("cc-number", "cc-exp", "cc-csc")

    def test_no_page_loads_or_is_loaded_by_anything(self, shared: Client, server: Server) -> None:
        answer = pay_page.opened(server, hosted.initialize(shared, "PaymentMethod_Update")).answer
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert policy.endswith("form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
        assert "unsafe" not in policy
        assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == (
            "no-store",
            "no-referrer",
        )
        assert answer.headers["x-frame-options"] == "DENY"

    def test_the_merchant_chooses_its_name_and_who_may_frame_the_page(
        self, client: Client, server: Server, sandbox: Sandbox
    ) -> None:
        sandbox.settings(paymentPageName="Books & More", paymentPageFrames=["https://shop.example"])
        page = pay_page.opened(server, hosted.initialize(client, "PaymentMethod_Update"))
        assert page.texts("header") == ["Books & More"]
        policy = page.answer.headers["content-security-policy"]
        assert policy.endswith("frame-ancestors https://shop.example")
        for wrong in ("https://shop.example/path", "'self'", "https://a.example; script-src *"):
            assert sandbox.ask("PUT", "/sandbox/settings", {"paymentPageFrames": [wrong]})[0] == 400

    def test_a_subscription_is_shown_with_product_and_plan(self, shared: Client, server: Server) -> None:
        product, plan = shop.product(shared), shop.plan(shared)
        private = {
            "vin_AutoBill_items_0_Product_merchantProductId": product.merchantProductId,
            "vin_AutoBill_currency": "USD",
            "BillingPlan_merchantBillingPlanId": plan.merchantBillingPlanId,
        }
        page = pay_page.opened(server, hosted.initialize(shared, "AutoBill_Update", private))
        assert page.texts("h1") == ["Subscription"]
        assert page.texts("section//span[@class='amount']") == ["$10.00", "$10.00"]
        assert page.texts("button") == ["Subscribe"]

    def test_a_total_that_a_discount_may_change_is_not_told(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(
            shared, "Transaction_Auth", hosted.sale(), {"Transaction_Auth_campaignCode": "SPRING"}
        )
        page = pay_page.opened(server, session)
        assert (page.texts("p[@class='total']"), page.texts("button")) == ([], ["Pay now"])

    def test_what_the_merchant_has_fixed_is_not_asked(self, shared: Client, server: Server) -> None:
        private = {
            "PaymentMethod_accountHolderName": "Ada",
            "vin_PaymentMethod_billingAddress_country": "US",
            "vin_PaymentMethod_creditCard_expirationDate_year": "2038",
            "vin_PaymentMethod_creditCard_expirationDate_month": "1",
        }
        page = pay_page.opened(server, hosted.initialize(shared, "PaymentMethod_Update", private))
        assert not {"holder", "country", "expiry"} & set(asked(page))

    def test_of_several_plans_the_customer_chooses_one(self, shared: Client, server: Server) -> None:
        product = shop.product(shared)
        plans = [shop.plan(shared) for _ in range(2)]
        ids = [plan.merchantBillingPlanId for plan in plans]
        private = {
            "vin_Account_merchantAccountId": shop.new_id("account"),
            "vin_Account_name": "Reader, Ada",
            "vin_AutoBill_merchantAutoBillId": shop.new_id("bill"),
            "vin_AutoBill_items_0_Product_merchantProductId": product.merchantProductId,
            "vin_AutoBill_currency": "USD",
            "BillingPlan_merchantBillingPlanId": ", ".join(ids),
        }
        session = hosted.initialize(shared, "AutoBill_Update", private)
        page = pay_page.opened(server, session)
        choice = next(iter(page.fields))
        assert [option.get("value") for option in page.fields[choice]] == ["", *ids]
        wrong = pay_page.send(server, session, pay_page.CARD | {choice: "another"})
        assert list(wrong.errors) == [choice]
        assert pay_page.send(server, session, pay_page.CARD | {choice: ids[1]}).way_on is not None
        made = hosted.finalize(shared, session).apiReturnValues.autoBillUpdate.autobill
        assert made.billingPlan.merchantBillingPlanId == ids[1]
        assert made.account.name == "Reader, Ada"

    def test_the_page_speaks_the_languages_of_browsers(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "Transaction_AuthCapture", hosted.sale())
        for header, query, language, button in (
            ("de-AT,de;q=0.9,en;q=0.5", "", "de", "19,98 $ zahlen"),
            ("nl", "", "en", "Pay $19.98"),
            ("en", "?lang=fr", "fr", "Payer 19,98 $US"),
            ("es", "?lang=xx", "es", "Pagar 19,98 US$"),
        ):
            page = pay_page.opened(server, session, query, Accept_Language=header)
            assert (page.root.get("lang"), page.texts("button")) == (language, [button])
            assert page.answer.headers["content-language"] == language

    def test_an_account_is_asked_for_without_a_card(self, shared: Client, server: Server) -> None:
        own = shop.new_id("account")
        session = hosted.initialize(shared, "Account_Update", {"Account_merchantAccountId": own})
        page = pay_page.opened(server, session)
        assert {"name", "email", "addr1"} <= set(asked(page))
        assert "number" not in asked(page)
        address = {name: text for name, text in pay_page.CARD.items() if name in asked(page)}
        sent = pay_page.send(server, session, address | {"name": "Ada", "email": "ada@example.org"})
        assert sent.way_on is not None
        account = hosted.finalize(shared, session).apiReturnValues.accountUpdate.account
        assert (account.emailAddress, account.shippingAddress.city) == ("ada@example.org", "Redwood City")


class TestSending:
    def test_a_card_goes_into_the_session_and_the_browser_to_the_shop(
        self, shared: Client, server: Server
    ) -> None:
        session = hosted.initialize(shared, "Transaction_AuthCapture", hosted.sale())
        sent = pay_page.send(server, session, pay_page.CARD)
        url = f"https://shop.example/ok?basket=7&session_id={session.VID}#top"
        assert (sent.answer.status, sent.way_on, sent.root.xpath("//a/@href")) == (200, url, [url])
        assert hosted.outcome(hosted.fetched(shared, session)) == (200, "OK")
        sold = hosted.finalize(shared, session).apiReturnValues.transactionAuthCapture.transaction
        assert sold.statusLog[0].status == "Authorized"
        card = sold.sourcePaymentMethod
        assert (card.creditCard.account, card.creditCard.expirationDate) == ("411111XXXXXX1111", "203807")
        assert (card.accountHolderName, card.billingAddress.district) == ("Ada Reader", "CA")

    @pytest.mark.parametrize(
        ("changes", "errors"),
        [
            ({"number": "4111 1111 1111 1112"}, {"number": "Check the card number: it is not complete, or a digit "
                                                           "is wrong"}),
            ({"number": ""}, {"number": "Enter the card number"}),
            ({"expiry": "13/38"}, {"expiry": "Enter month and year, such as 07/38"}),
            ({"expiry": "01/20"}, {"expiry": "This card has expired"}),
            ({"cvn": "20", "city": " "}, {
                "cvn": "Enter the 3 digits from the back, or the 4 digits from the front of American Express",
                "city": "Enter the city",
            }),
            ({"postalCode": ""}, {"postalCode": "Enter the postal code"}),
            ({"country": "<b>"}, {"country": "Choose a country of the list"}),
            ({"holder": "a" * 256}, {"holder": "This is too long: at most 255 characters"}),
        ],
    )  # fmt: skip
    def test_mistakes_are_told_and_cost_no_session(
        self, shared: Client, server: Server, changes: dict[str, str], errors: dict[str, str]
    ) -> None:
        session = hosted.initialize(shared, "PaymentMethod_Validate")
        page = pay_page.send(server, session, pay_page.CARD | changes)
        assert (page.answer.status, page.errors) == (422, errors)
        assert page.texts("title")[0].startswith("Error: ")
        first = next(iter(errors))
        assert [each.get("name") for each in page.root.xpath("//*[@autofocus]")] == [first]
        assert page.root.xpath("//div[@role='alert']//a/@href") == [f"#{name}" for name in errors]
        for name, each in page.fields.items():
            if name in ("number", "cvn"):
                assert each.get("value") == "", "numbers are not written into pages"
        assert page.fields["addr1"].get("value") == pay_page.CARD["addr1"]
        assert hosted.fetched(shared, session).postValues == []
        assert pay_page.send(server, session, pay_page.CARD).way_on is not None

    @pytest.mark.parametrize("expiry", ["0738", "7/2038", "07 / 38", "2038-07", "07/2038"])
    def test_dates_may_be_written_as_people_and_browsers_do(
        self, shared: Client, server: Server, expiry: str
    ) -> None:
        session = hosted.initialize(shared, "PaymentMethod_Validate")
        pay_page.send(server, session, pay_page.CARD | {"expiry": expiry})
        told = hosted.values(hosted.fetched(shared, session))
        assert told["vin_PaymentMethod_creditCard_expirationDate"] == "203807"

    def test_hong_kong_has_no_postal_codes(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "PaymentMethod_Validate")
        there = pay_page.CARD | {"country": "HK", "postalCode": "", "district": ""}
        assert pay_page.send(server, session, there).way_on is not None

    def test_other_names_than_the_pages_own_are_left_out(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "Transaction_Auth", hosted.sale())
        more = {"vin_Transaction_transactionItems_0_price": "0.01", "vin_Account_name": "Eve"}
        assert pay_page.send(server, session, pay_page.CARD | more).way_on is not None
        sold = hosted.finalize(shared, session).apiReturnValues.transactionAuth.transaction
        assert (str(sold.amount), sold.account.name) == ("19.98", None)

    def test_a_stored_card_keeps_its_number(self, shared: Client, server: Server) -> None:
        method = {"merchantPaymentMethodId": shop.new_id("pm")}
        shop.account(shared, paymentMethods=[shop.card() | method])
        session = hosted.initialize(
            shared,
            "PaymentMethod_Update",
            {"PaymentMethod_merchantPaymentMethodId": method["merchantPaymentMethodId"]},
        )
        page = pay_page.opened(server, session)
        assert f"ends in {shop.CARD[-4:]}" in page.root.get_element_by_id("number-hint").text
        changes = {"number": "", "expiry": "12/39"}
        assert pay_page.send(server, session, pay_page.CARD | changes).way_on is not None
        stored = hosted.finalize(shared, session).apiReturnValues.paymentMethodUpdate.paymentMethod
        assert stored.creditCard.expirationDate == "203912"
        assert stored.creditCard.account.endswith(shop.CARD[-4:])

    def test_pages_of_other_sites_cannot_send_it(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "PaymentMethod_Validate")
        for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
            sent = pay_page.send(server, session, pay_page.CARD, Sec_Fetch_Site=site)
            assert sent.answer.status == status

    def test_too_much_is_not_read(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "PaymentMethod_Validate")
        assert pay_page.send(server, session, {"holder": "a" * 40_000}).answer.status == 413


class TestEnds:
    def test_a_form_sent_twice_leads_to_the_same_page(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "Transaction_AuthCapture", hosted.sale())
        first = pay_page.send(server, session, pay_page.CARD).way_on
        assert pay_page.opened(server, session).texts("p[@role='status']") == [
            "Your details were sent already. Sending them again replaces them."
        ]
        assert pay_page.send(server, session, pay_page.CARD).way_on == first
        done = hosted.finalize(shared, session)
        assert pay_page.send(server, session, pay_page.CARD).way_on == first
        page = pay_page.opened(server, session)
        assert (page.answer.status, page.texts("h1")) == (410, ["This page was used already"])
        assert (page.fields, page.root.xpath("//a/@href")) == ({}, [first])
        assert hosted.fetched(shared, session) == done

    def test_an_expired_page_leads_back(self, client: Client, server: Server, sandbox: Sandbox) -> None:
        session = hosted.initialize(client, "PaymentMethod_Validate")
        sandbox.advance(1)
        back = f"{hosted.ERROR_URL}?session_id={session.VID}"
        page = pay_page.opened(server, session)
        assert (page.answer.status, page.texts("h1")) == (410, ["This page has expired"])
        assert page.root.xpath("//a/@href") == [back]
        assert hosted.outcome(hosted.fetched(client, session)) == (200, "OK")
        assert pay_page.send(server, session, pay_page.CARD).way_on == back
        assert hosted.outcome(hosted.fetched(client, session)) == (400, "WebSession has expired")

    def test_a_session_whose_form_was_refused_leads_back(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "PaymentMethod_Validate")
        hosted.post(server, session, hosted.CARD | {"vin_PaymentMethod_type": "Shells"})
        page = pay_page.opened(server, session)
        assert (page.answer.status, page.texts("h1")) == (410, ["This page cannot be used any more"])
        assert pay_page.send(server, session, pay_page.CARD).way_on == page.root.xpath("//a/@href")[0]

    def test_other_payments_than_by_card_are_sent_back(self, shared: Client, server: Server) -> None:
        session = hosted.initialize(shared, "PaymentMethod_Validate", {"PaymentMethod_type": "PayPal"})
        page = pay_page.opened(server, session)
        assert (page.answer.status, page.texts("h1")) == (410, ["This payment is made elsewhere"])
        assert pay_page.send(server, session, pay_page.CARD).way_on is not None
        assert hosted.fetched(shared, session).postValues == []

    @pytest.mark.parametrize("vid", ["0" * 40, "x", "%00", "a/b"])
    def test_unknown_pages_tell_nothing(self, server: Server, vid: str) -> None:
        page = pay_page.opened(server, vid)
        assert (page.answer.status, page.root.xpath("//a")) == (404, [])

    def test_only_reading_and_sending_is_possible(self, shared: Client, server: Server) -> None:
        session: Any = hosted.initialize(shared, "PaymentMethod_Validate")
        answer = server.request("DELETE", pay_page.path_of(session))
        assert (answer.status, set(answer.headers["allow"].split(", "))) == (
            405,
            {"GET", "HEAD", "OPTIONS", "POST"},
        )
