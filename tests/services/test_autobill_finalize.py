"""AutoBills whose customer has to agree on a page first (autobill §5.2, §6.22 – §6.24)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.collection import janitor
from cashbox_service.app.environment import Environment
from tests.servers import Server
from tests.services import customers, sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal
WAITING = ("Pending Activation", "Unbilled")
GOOD = ("Active", "Good Standing")


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Iterator[None]:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


class Visit:
    """An AutoBill and the page its customer is sent to."""

    def __init__(self, client: Client, server: Server, method: dict[str, Any], **fields: Any) -> None:
        self.client, self.server = client, server
        self.answer = shop.subscribe(client, method, **fields)
        self.autobill = self.answer.autobill
        self.vid = self._transaction().VID

    def _transaction(self) -> Any:
        return shop.transactions(self.client, self.autobill)[-1]

    def decides(self, decision: str = "agree") -> str | None:
        return customers.decide(self.server, self._transaction(), decision)

    def log(self) -> list[str]:
        return shop.log(self.client("Transaction").fetchByVid(vid=self.vid).transaction)

    def now(self) -> Any:
        return shop.fetched(self.client, self.autobill)

    def paypal(self, success: bool = True, expecting: int = 200) -> Any:
        call = self.client("AutoBill").expecting(expecting)
        return call.finalizePayPalAuth(payPalTransactionId=self.vid, success=success)


def test_a_buyer_who_agreed_at_paypal_has_subscribed(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    visit = Visit(client, server, sales.paypal_page())
    assert shop.standing(visit.autobill) == WAITING
    assert visit.autobill.nextBilling is None
    status = visit.answer.authStatus
    assert status.status == "AuthorizationPending"
    assert status.payPalStatus.redirectUrl.startswith("http")
    assert visit.answer.initialTransaction.amount == D("10.00")
    sandbox.advance(1)
    assert shop.standing(visit.now()) == WAITING

    asked = customers.query(visit.decides())
    assert asked["vindicia_vid"] == visit.vid
    done = visit.paypal()

    assert done.authStatus.status == "Authorized"
    assert shop.standing(done.autobill) == GOOD
    assert done.autobill.paymentMethod.paypal.referenceId.startswith("B-")
    assert list(shop.states(client, visit.autobill).values()) == ["Paid", "Open"]
    sandbox.advance(29)
    assert [
        (one.amount, shop.log(one)[0], one.autoBillCycle) for one in shop.transactions(client, visit.autobill)
    ] == [
        (D("10.00"), "Captured", 0),
        (D("10.00"), "Captured", 1),
    ]


def test_a_buyer_who_came_back_on_the_cancel_url_may_try_again(client: Client, server: Server) -> None:
    visit = Visit(client, server, sales.paypal_page())
    done = visit.paypal(success=False)
    assert (done.authStatus.status, shop.standing(done.autobill)) == ("Cancelled", WAITING)
    refused = visit.paypal(expecting=400)
    assert shop.text(refused) == (
        "PayPal tx needs to be in AuthPending dispsosition Disposition AuthorizationPending 1(5)"
    )
    again = shop.update(client, shop.reference(visit.autobill) | {"paymentMethod": sales.paypal_page()})
    assert again.authStatus.status == "AuthorizationPending"
    visit.vid = shop.transactions(client, visit.autobill)[-1].VID
    visit.decides()
    assert shop.standing(visit.paypal().autobill) == GOOD


def test_a_buyer_who_refused_on_the_page_has_not_subscribed(client: Client, server: Server) -> None:
    visit = Visit(client, server, sales.paypal_page())
    visit.decides("refuse")
    done = visit.paypal()
    assert (done.authStatus.status, done.authStatus.payPalStatus.authCode) == ("Cancelled", "10486")
    assert shop.standing(done.autobill) == WAITING


def test_a_free_start_only_proves_the_agreement_and_gives_the_money_back(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    plan = shop.plan(client, shop.month(cycles=1, free=True), shop.month("5.00"))
    visit = Visit(client, server, sales.paypal_page(), billingPlan=shop.reference(plan))
    visit.decides()
    done = visit.paypal()
    assert done.authStatus.status == "AuthorizedForValidation"
    assert shop.standing(done.autobill) == ("Active", "Free/Trial")
    sandbox.advance(30)
    assert [one.amount for one in shop.transactions(client, visit.autobill)][-1] == D("15.00")


def test_a_later_start_waits_for_its_day_after_the_customer_agreed(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    visit = Visit(client, server, sales.paypal_page(), startTimestamp="2024-04-10T00:00:00-07:00")
    assert visit.answer.initialTransaction is None
    visit.decides()
    done = visit.paypal()
    assert shop.standing(done.autobill) == WAITING
    assert done.autobill.nextBilling.amount == D("10.00")
    sandbox.advance(9)
    assert shop.standing(visit.now()) == GOOD


def test_credit_is_reserved_for_the_first_bill_and_returns_when_nothing_comes_of_it(
    client: Client, server: Server
) -> None:
    home = shop.account(client)
    sales.grant(client, home, "4.00")
    first = Visit(client, server, sales.paypal_page(), account=shop.reference(home))
    assert first.answer.initialTransaction.amount == D("6.00")
    first.paypal(success=False)
    assert sales.credit(client, home) == D("4.00")
    second = Visit(client, server, sales.paypal_page(), account=shop.reference(home))
    second.decides()
    second.paypal()
    assert sales.credit(client, home) == 0
    assert list(shop.states(client, second.autobill).values()) == ["Paid", "Open"]


def test_a_carrier_bills_whoever_reads_its_code(client: Client, server: Server, sandbox: Sandbox) -> None:
    visit = Visit(client, server, sales.carrier())
    assert shop.standing(visit.autobill) == WAITING
    finalize = client("AutoBill").finalizeCarrierBilling
    done = finalize(transactionVid=visit.vid, confirmationCode="1234")
    assert (done.authStatus.status, shop.standing(done.autobill)) == ("Captured", GOOD)
    other = Visit(client, server, sales.carrier())
    done = finalize(transactionVid=other.vid, confirmationCode="false")
    assert (done.authStatus.status, shop.standing(done.autobill)) == ("Cancelled", WAITING)


@pytest.mark.parametrize("method", [sales.hosted_page(), sales.skrill()])
def test_a_provider_tells_what_its_customer_did(
    client: Client, server: Server, sandbox: Sandbox, method: dict[str, Any]
) -> None:
    visit = Visit(client, server, method)
    finalize = client("AutoBill").finalizeCustomerAction
    done = finalize(transactionVid=visit.vid)
    assert (done.authStatus.status, shop.standing(done.autobill)) == ("AuthorizationPending", WAITING)
    visit.decides()
    done = finalize(transactionVid=visit.vid)
    assert shop.standing(done.autobill) == GOOD
    sandbox.advance(30)
    assert [shop.log(one)[0] for one in shop.transactions(client, visit.autobill)] == ["Captured", "Captured"]


def test_nobody_has_to_come_back_where_the_provider_is_asked(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    visit = Visit(client, server, sales.hosted_page())
    visit.decides()
    sandbox.bill()
    assert shop.standing(visit.now()) == GOOD


def test_a_customer_who_never_comes_back_is_not_waited_for_without_end(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    visit = Visit(client, server, sales.paypal_page())
    sandbox.advance(4)
    assert visit.log()[0] == "Cancelled"
    sandbox.advance(25)
    assert shop.standing(visit.now()) == WAITING
    sandbox.advance(1)
    gone = visit.now()
    assert (shop.standing(gone), gone.cancelReason.reason_code) == (("Cancelled", "Billing Completed"), "2")
    assert "Closed" in shop.states(client, visit.autobill).values()


def test_money_that_comes_for_a_cancelled_autobill_goes_back(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    visit = Visit(client, server, sales.hosted_page())
    client("AutoBill").cancel(autobill=shop.reference(visit.autobill), disentitle=True, force=False)
    visit.decides()
    client("AutoBill").finalizeCustomerAction(transactionVid=visit.vid)
    assert visit.log()[0] == "Cancelled"
    assert list(shop.states(client, visit.autobill).values()) == ["Closed"]


def test_a_card_instead_of_the_page_begins_it_at_once(client: Client, server: Server) -> None:
    visit = Visit(client, server, sales.paypal_page())
    shop.update(client, shop.reference(visit.autobill) | {"paymentMethod": shop.card()})
    assert shop.standing(visit.now()) == GOOD
    assert visit.log()[0] == "Cancelled"


def test_labels_may_change_while_the_customer_is_away(client: Client, server: Server) -> None:
    visit = Visit(client, server, sales.paypal_page())
    shop.update(client, shop.reference(visit.autobill) | {"customerAutoBillName": "Mine"})
    assert (shop.standing(visit.now()), visit.now().nextBilling) == (WAITING, None)
    visit.decides()
    assert shop.standing(visit.paypal().autobill) == GOOD


def test_a_running_autobill_is_not_put_on_a_method_that_needs_a_page(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    refused = shop.update(
        client, shop.reference(autobill) | {"paymentMethod": sales.paypal_page()}, expecting=400
    )
    assert shop.text(refused) == "PayPal payment method has no billing agreement."


def test_a_page_without_a_way_back_is_refused_and_stores_nothing(client: Client) -> None:
    order = shop.order(client, shop.paypal(None))
    shop.update(client, order, expecting=400)
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )


def test_a_provider_that_refuses_at_once_saves_nothing(client: Client, sandbox: Sandbox) -> None:
    order = shop.order(client, sales.paypal_page())
    sandbox.script({"authCode": "10486"})
    refused = shop.update(client, order, expecting=402)
    assert refused.authStatus.status == "Cancelled"
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )


def test_an_answer_that_is_lost_after_the_customer_agreed_is_found_by_the_janitor(
    client: Client, server: Server, sandbox: Sandbox, environment: Environment, merchant: Login
) -> None:
    visit = Visit(client, server, sales.paypal_page())
    visit.decides()
    sandbox.script({"timeOut": "answer"})
    done = visit.paypal()
    assert (done.authStatus.status, shop.standing(done.autobill)) == ("AuthorizationPending", WAITING)
    assert "AuthPending" in shop.text(visit.paypal(expecting=400))
    assert janitor.run(environment, environment.merchant(merchant.login), timedelta(0)) == 1
    assert shop.standing(visit.now()) == GOOD
