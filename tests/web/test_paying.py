"""Customers in a real browser: the demo shop, the payment page, and what can go wrong on the way."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import hosted, pay_page, shop
from tests.services.sandbox import Sandbox
from tests.web.browsing import ADDRESS, CARD, OWN_FORM, Visitor

pytestmark = pytest.mark.slow


def session_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["session_id"][0]


def begin(client: Client, url: str, method: str = "Transaction_AuthCapture", **fields: Any) -> Any:
    """A session whose customer comes back to a page of the shop."""
    private = hosted.sale() if method.startswith("Transaction") else {}
    return hosted.initialize(client, method, private, returnURL=url, errorURL=f"{url}?sorry=1", **fields)


class TestShop:
    def test_a_card_on_the_payment_page_buys_a_mug(
        self, visitor: Visitor, shop_url: str, soap: Client, served: Server
    ) -> None:
        visitor.page.goto(shop_url)
        visitor.page.click("text=Buy Enamel mug")
        visitor.page.click("button")
        assert (visitor.heading, urlsplit(visitor.page.url).port) == ("Payment", served.port)
        assert visitor.page.locator("button").inner_text() == "Pay $14.50"
        visitor.fill_page()
        visitor.pay()
        assert visitor.heading == "Thank you"
        assert "We received $14.50" in visitor.page.locator("main").inner_text()
        sold = soap("Transaction").fetchByWebSessionVid(vid=session_of(visitor.page.url)).transaction
        assert sold.merchantTransactionId == visitor.page.locator("strong").inner_text()
        assert sold.sourcePaymentMethod.creditCard.account == "411111XXXXXX1111"

    def test_a_form_of_the_shops_own_buys_a_subscription(
        self, visitor: Visitor, shop_url: str, soap: Client
    ) -> None:
        visitor.to_payment(shop_url, "magazine", "own")
        visitor.fill(OWN_FORM)
        visitor.pay()
        assert visitor.heading == "Thank you"
        bill = soap("AutoBill").fetchByWebSessionVid(vid=session_of(visitor.page.url)).autobill
        assert bill.merchantAutoBillId == visitor.page.locator("strong").inner_text()
        assert bill.status == "Active"

    def test_the_payment_page_tells_of_a_subscription_and_begins_it(
        self, visitor: Visitor, shop_url: str
    ) -> None:
        visitor.to_payment(shop_url, "magazine", "page")
        assert visitor.heading == "Subscription"
        order = visitor.page.locator(".order").inner_text()
        assert "The Monthly Reader" in order
        assert "Billed: every month" in order
        visitor.fill_page()
        visitor.pay()
        assert "We received $6.00 for the first month" in visitor.page.locator("main").inner_text()

    @pytest.mark.parametrize(
        ("sku", "changes"),
        [
            ("mug", {"number": shop.SOFT_DECLINED}),
            ("magazine", {"number": shop.SOFT_DECLINED}),
            ("mug", {"cvn": "201"}),
        ],
        ids=["declined card", "declined card of a subscriber", "wrong security code"],
    )
    def test_what_the_bank_refuses_the_shop_tells(
        self, visitor: Visitor, shop_url: str, sku: str, changes: dict[str, str]
    ) -> None:
        visitor.to_payment(shop_url, sku, "page")
        visitor.fill_page(changes)
        visitor.pay()
        assert visitor.page.locator("[role=alert]").inner_text() == (
            "The payment was declined. Nothing was charged."
        )
        visitor.page.click("text=Try again")
        assert visitor.heading == "Checkout"

    def test_a_number_mistyped_in_the_shops_own_form_needs_a_new_session(
        self, visitor: Visitor, shop_url: str
    ) -> None:
        visitor.to_payment(shop_url, "mug", "own")
        visitor.fill(OWN_FORM | {"number": "4111111111111112"})
        visitor.pay()
        assert "/retry?" in visitor.page.url
        assert "could not be accepted" in visitor.page.locator("[role=alert]").inner_text()


class TestMistakes:
    def test_the_page_helps_with_typing_and_tells_the_first_mistake(
        self, visitor: Visitor, shop_url: str
    ) -> None:
        visitor.to_payment(shop_url, "mug", "page")
        page = visitor.page
        visitor.fill_page()
        for key, typed, shown in (
            ("number", "378282246310005", "3782 822463 10005"),
            ("number", "4111111111111112", "4111 1111 1111 1112"),
            ("expiry", "0738", "07/38"),
            ("expiry", "738", "07/38"),
            ("expiry", "0120", "01/20"),
            ("cvn", "12x", "12"),
        ):
            page.fill(f"#{key}", "")
            page.locator(f"#{key}").press_sequentially(typed)
            assert page.input_value(f"#{key}") == shown
        assert page.locator(".brand").inner_text() == "Visa"
        page.locator("form button").click()
        focused = page.evaluate("document.activeElement.id")
        wrong = page.locator("[aria-invalid=true]").evaluate_all("all => all.map(each => each.id)")
        assert (focused, wrong) == ("number", ["number", "expiry", "cvn"])
        assert page.locator("#number").get_attribute("aria-describedby") == "number-error"
        assert "a digit is wrong" in page.locator("#number-error").inner_text()
        assert page.locator("#expiry-error").inner_text() == "This card has expired"
        page.fill("#number", CARD["number"])
        assert page.locator("#number-error").inner_text() == ""
        visitor.fill(CARD)
        visitor.pay()
        assert visitor.heading == "Thank you"

    def test_everything_works_without_scripts(self, visit: Any, shop_url: str) -> None:
        visitor: Visitor = visit(java_script_enabled=False)
        visitor.to_payment(shop_url, "mug", "page")
        visitor.fill_page({"number": "4111 1111 1111 1112", "expiry": "13/38"})
        visitor.page.locator("form button").click()
        summary = visitor.page.locator("[role=alert] li")
        assert summary.all_inner_texts() == [
            "Check the card number: it is not complete, or a digit is wrong",
            "Enter month and year, such as 07/38",
        ]
        assert visitor.page.locator("#number:focus").count() == 1
        assert (visitor.page.input_value("#number"), visitor.page.input_value("#city")) == (
            "",
            ADDRESS["city"],
        )
        visitor.fill(CARD)
        visitor.pay()
        assert visitor.heading == "Thank you"


class TestTwice:
    def test_two_clicks_pay_once_and_going_back_shows_that(
        self, visitor: Visitor, shop_url: str, soap: Client
    ) -> None:
        visitor.to_payment(shop_url, "notebook", "page")
        payment = visitor.page.url
        visitor.fill_page()
        visitor.page.locator("form button").dblclick()
        visitor.page.wait_for_url("**/return?*")
        number = visitor.page.locator("strong").inner_text()
        visitor.page.reload()
        assert visitor.page.locator("strong").inner_text() == number
        visitor.page.go_back()
        assert (visitor.page.url, visitor.heading) == (payment, "This page was used already")
        visitor.page.click("a.button")
        assert visitor.page.locator("strong").inner_text() == number
        sold = soap("Transaction").fetchByWebSessionVid(vid=session_of(visitor.page.url)).transaction
        mine = soap("Transaction").fetchByAccount(account=shop.reference(sold.account)).transactions
        assert [each.merchantTransactionId for each in mine] == [number]

    def test_the_same_form_in_two_windows_leads_to_one_payment(self, visitor: Visitor, shop_url: str) -> None:
        visitor.to_payment(shop_url, "notebook", "page")
        second = visitor.open()
        second.goto(visitor.page.url)
        for page in (visitor.page, second):
            visitor.fill_page(page=page)
        visitor.pay()
        visitor.pay(second)
        assert second.locator("h1").inner_text() == "Thank you"
        assert second.locator("strong").inner_text() == visitor.page.locator("strong").inner_text()

    def test_the_shops_own_form_sent_again_after_paying_shows_the_receipt(
        self, visitor: Visitor, shop_url: str
    ) -> None:
        visitor.to_payment(shop_url, "notebook", "own")
        visitor.fill(OWN_FORM)
        visitor.pay()
        number = visitor.page.locator("strong").inner_text()
        visitor.page.go_back()
        visitor.fill(OWN_FORM)
        visitor.pay()
        assert visitor.page.locator("strong").inner_text() == number


class TestEnds:
    def test_a_page_that_was_left_open_too_long_leads_back(
        self, visitor: Visitor, shop_url: str, served: Server, other: tuple[Client, Sandbox]
    ) -> None:
        client, sandbox = other
        session = begin(client, shop_url)
        visitor.page.goto(f"{served.url}{pay_page.path_of(session)}")
        visitor.fill_page()
        sandbox.advance(1)
        visitor.pay()
        assert visitor.page.url == f"{shop_url}/?sorry=1&session_id={session.VID}"
        visitor.page.goto(f"{served.url}{pay_page.path_of(session)}")
        assert visitor.heading == "This page has expired"
        visitor.page.click("a.button")
        assert visitor.heading == "What we sell"

    def test_who_cancels_comes_back_to_the_shop(self, visitor: Visitor, shop_url: str) -> None:
        visitor.to_payment(shop_url, "mug", "page")
        visitor.page.click("text=Cancel and go back")
        assert "You went back before paying." in visitor.page.locator("[role=alert]").inner_text()

    def test_only_sites_that_the_merchant_names_can_show_the_page_in_a_frame(
        self, visit: Any, shop_url: str, served: Server, other: tuple[Client, Sandbox]
    ) -> None:
        client, sandbox = other
        visitor: Visitor = visit()
        address = f"{served.url}{pay_page.path_of(begin(client, shop_url))}"
        put = "url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }"
        visitor.page.goto(shop_url)
        with visitor.page.expect_event("console", lambda message: "frame-ancestors" in message.text):
            visitor.page.evaluate(put, address)
        sandbox.settings(paymentPageFrames=[shop_url])
        visitor.page.goto(shop_url)
        visitor.page.evaluate(put, address)
        assert visitor.page.frame_locator("iframe").locator("h1").inner_text() == "Payment"


class TestLooks:
    def test_nobody_is_kept_out_of_any_page(self, visit: Any, shop_url: str, served: Server) -> None:
        """Labels, names, contrast, landmarks, order of headings, and whatever else axe-core knows."""
        visitor: Visitor = visit(bypass_csp=True)
        barriers: dict[str, list[str]] = {}

        def look(name: str) -> None:
            barriers[name] = visitor.barriers()
            visitor.picture(f"{name}-light")
            visitor.page.emulate_media(color_scheme="dark")
            barriers[f"{name} in the dark"] = visitor.barriers("color-contrast")
            visitor.picture(f"{name}-dark")
            visitor.page.emulate_media(color_scheme="light")

        visitor.page.goto(shop_url)
        look("shop")
        visitor.to_payment(shop_url, "mug", "own")
        look("own-form")
        visitor.to_payment(shop_url, "mug", "page")
        look("payment")
        visitor.page.locator("form button").click()
        look("payment-mistakes")
        visitor.fill_page()
        visitor.pay()
        look("thanks")
        visitor.page.go_back()
        look("used")
        visitor.page.goto(f"{served.url}/pay/unknown")
        look("unknown")
        assert {name: found for name, found in barriers.items() if found} == {}

    def test_the_page_can_be_used_by_keyboard_alone(self, visitor: Visitor, shop_url: str) -> None:
        visitor.to_payment(shop_url, "mug", "page")
        keyboard = visitor.page.keyboard
        visitor.page.locator("#holder").focus()
        for text in (
            *CARD.values(),
            ADDRESS["addr1"],
            "",
            ADDRESS["city"],
            ADDRESS["district"],
            ADDRESS["postalCode"],
        ):
            keyboard.type(text)
            keyboard.press("Tab")
            outline = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid", "the focus can be seen"
        keyboard.type("United States")
        keyboard.press("Tab")
        keyboard.press("Enter")
        visitor.page.wait_for_url("**/return?*")

    def test_a_small_screen_shows_the_whole_width_in_the_customers_language(
        self, visit: Any, shop_url: str
    ) -> None:
        visitor: Visitor = visit(viewport={"width": 320, "height": 640}, locale="de-AT", bypass_csp=True)
        visitor.to_payment(shop_url, "magazine", "page")
        visitor.picture("payment-small")
        assert (visitor.heading, visitor.page.locator("html").get_attribute("lang")) == ("Abonnement", "de")
        widths = visitor.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1]
        assert visitor.barriers() == []
