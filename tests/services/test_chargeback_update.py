"""Chargeback.update and report: what is kept of a dispute, and what follows from it (refund-chargeback §6, §7)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app import books
from cashbox_service.app.environment import Environment
from cashbox_service.domain.chargeback import ChargebackStatus
from cashbox_service.domain.ledger import AccountKind
from tests.services import chargebacks, refunds, sales, shop
from tests.services.conftest import Right
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire
from tests.soap_client import Login

D = Decimal
Check = Callable[[], None]
Lost = Callable[[], Decimal]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def sold(client: Client, sandbox: Sandbox) -> Any:
    """Two books at 10.00, paid by card and captured."""
    answer = sales.sell(client, sales.order())
    sandbox.bill()
    return answer


@pytest.fixture
def lost(environment: Environment, merchant: Login) -> Lost:
    """What the ledger has as lost to chargebacks, in all currencies together."""

    def total() -> Decimal:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            entries = [books.entry_of(row) for row in work.uow.ledger.everything()]
        postings = [posting for entry in entries for posting in entry.postings]
        losses = (one.amount for one in postings if one.account.kind is AccountKind.CHARGEBACK_LOSS)
        return sum(losses, D(0))

    return total


class TestWhatIsKept:
    def test_everything_that_was_said(self, client: Client, sold: Any) -> None:
        told = chargebacks.of(
            sold,
            "19.50",
            currency="EUR",
            presentmentAmount=D("20.00"),
            presentmentCurrency="USD",
            divisionNumber="7",
            caseNumber="case-1",
            referenceNumber="ref-1",
            merchantNumber="m-1",
            merchantUserId="user-1",
            note="By mail",
            nameValues=[{"name": "n", "value": "v"}],
        )
        kept = chargebacks.later(client, chargebacks.update(client, told))
        for name in ("amount", "currency", "presentmentAmount", "presentmentCurrency", "divisionNumber",
                     "caseNumber", "referenceNumber", "merchantNumber", "merchantUserId", "note", "reasonCode",
                     "merchantTransactionId", "status"):  # fmt: skip
            assert kept[name] == told[name], name
        assert kept.processorReceivedTimestamp.isoformat() == "2024-04-14T09:00:00-07:00"
        assert kept.postedTimestamp.isoformat() == "2024-04-14T10:00:00-07:00"
        assert shop.names(kept) == {"n": "v"}

    def test_an_amount_is_enough(self, wire: Wire) -> None:
        reply = chargebacks.send(wire, "<amount>5</amount>")
        assert (reply.code, reply.value("created")) == (200, "1")
        said = {
            name: reply.value(f"chargeback/{name}")
            for name in ("amount", "currency", "presentmentCurrency", "reasonCode", "status")
        }
        assert said == {
            "amount": "5.00",
            "currency": "USD",
            "presentmentCurrency": "USD",
            "reasonCode": "",
            "status": "New",
        }
        for moment in ("processorReceivedTimestamp", "postedTimestamp", "statusChangedTimestamp"):
            assert reply.value(f"chargeback/{moment}") == "2024-04-15T12:00:00-07:00"
        assert not reply.has("chargeback/merchantTransactionId")

    def test_customer_and_time_come_from_the_transaction(self, client: Client, sold: Any) -> None:
        made = chargebacks.update(client, chargebacks.of(sold))
        assert made.merchantUserId == sold.transaction.account.merchantAccountId
        assert made.merchantTransactionTimestamp == sold.transaction.timestamp

    def test_an_unknown_transaction_is_made_up(self, client: Client) -> None:
        own = shop.new_id("order")
        made = chargebacks.update(
            client, chargebacks.of(own, "7.00", merchantTransactionTimestamp="2024-03-01T10:00:00-08:00")
        )
        assert made.merchantTransactionId == own
        stub = client("Transaction").fetchByMerchantTransactionId(merchantTransactionId=own).transaction
        assert (stub.amount, shop.log(stub), stub.account) == (D("7.00"), ["New"], None)
        assert stub.timestamp.isoformat() == "2024-03-01T10:00:00-08:00"

    def test_the_transaction_may_be_named_later(self, client: Client, wire: Wire, sold: Any) -> None:
        vid = chargebacks.send(wire, "<amount>5</amount>").value("chargeback/VID")
        own = sold.transaction.merchantTransactionId
        reply = chargebacks.send(
            wire, f"<VID>{vid}</VID><merchantTransactionId>{own}</merchantTransactionId>"
        )
        assert reply.value("chargeback/merchantTransactionId") == own
        found = client("Chargeback").fetchByMerchantTransactionId(merchantTransactionId=own).chargebacks
        assert [one.VID for one in found] == [vid]


class TestChanges:
    @pytest.fixture
    def made(self, client: Client, sold: Any) -> Any:
        return chargebacks.update(client, chargebacks.of(sold, caseNumber="case-1", note="By mail"))

    def test_a_status_is_changed_at_a_time(self, client: Client, sandbox: Sandbox, made: Any) -> None:
        sandbox.set_clock("2024-04-20T12:00:00")
        moved = chargebacks.move(client, made, "Challenged")
        assert (moved.VID, moved.status, moved.note) == (made.VID, "Challenged", "By mail")
        assert moved.statusChangedTimestamp.isoformat() == "2024-04-20T12:00:00-07:00"

    def test_the_same_status_again_is_no_change(self, client: Client, sandbox: Sandbox, made: Any) -> None:
        sandbox.set_clock("2024-04-20T12:00:00")
        again = chargebacks.move(client, made, "New", note="By phone")
        assert (again.note, again.statusChangedTimestamp) == ("By phone", made.statusChangedTimestamp)

    @pytest.mark.parametrize("status", list(ChargebackStatus))
    def test_any_step_is_recorded(self, client: Client, made: Any, status: str) -> None:
        assert chargebacks.move(client, made, status).status == status

    def test_what_is_absent_stays_and_empty_text_is_cleared(self, wire: Wire, made: Any) -> None:
        reply = chargebacks.send(wire, f"<VID>{made.VID}</VID><note/><caseNumber/>")
        assert (reply.code, reply.value("created")) == (200, "0")
        assert (reply.value("chargeback/caseNumber"), reply.value("chargeback/reasonCode")) == (
            "case-1",
            "10.4",
        )
        assert not reply.has("chargeback/note")

    def test_the_same_case_of_the_same_transaction_is_one(self, client: Client, sold: Any, made: Any) -> None:
        again = client("Chargeback").update(
            chargeback=chargebacks.of(sold, caseNumber="case-1", status="Lost")
        )
        assert (again.created, again.chargeback.VID, again.chargeback.status) == (False, made.VID, "Lost")

    def test_another_case_or_another_transaction_is_another(
        self, client: Client, sold: Any, made: Any
    ) -> None:
        second = chargebacks.update(client, chargebacks.of(sold, caseNumber="case-2"))
        third = chargebacks.update(client, chargebacks.of(shop.new_id("order"), caseNumber="case-1"))
        assert len({made.VID, second.VID, third.VID}) == 3


class TestRefusals:
    def test_an_unknown_vid_is_never_made(self, client: Client) -> None:
        vid = "0" * 40
        answer = chargebacks.update(client, chargebacks.new(VID=vid), expecting=404)
        assert shop.text(answer) == f'Unable to load chargeback by VID "{vid}":  No match.'
        assert (answer.created, answer.chargeback) == (False, None)

    @pytest.mark.parametrize("fields", ["", "<caseNumber>1</caseNumber>", "<amount/>"])
    def test_it_must_have_an_amount(self, wire: Wire, fields: str) -> None:
        reply = chargebacks.send(wire, fields)
        assert (reply.code, reply.text) == (400, "Chargeback must have an amount")

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"amount": D("-1")}, 'amount "-1" must not be negative.'),
            ({"currency": "QQQ"}, 'currency "QQQ" is not a currency.'),
            ({"presentmentCurrency": "QQQ"}, 'presentmentCurrency "QQQ" is not a currency.'),
            ({"presentmentAmount": D("-1")}, 'presentmentAmount "-1" must not be negative.'),
            ({"merchantTransactionId": "a/b"}, 'merchantTransactionId "a/b" must not contain a slash.'),
        ],
    )
    def test_what_cannot_be_kept_is_named(self, client: Client, fields: dict[str, Any], text: str) -> None:
        assert shop.text(chargebacks.update(client, chargebacks.new() | fields, expecting=400)) == text

    def test_it_stays_with_its_transaction(self, client: Client, sold: Any) -> None:
        made = chargebacks.update(client, chargebacks.of(sold))
        moved = chargebacks.of("another", VID=made.VID)
        assert shop.text(chargebacks.update(client, moved, expecting=400)) == (
            'merchantTransactionId "another" is not the one the chargeback is about.'
        )


class TestTheBooks:
    def test_the_loss_comes_and_goes_with_the_status(self, client: Client, sold: Any, lost: Lost) -> None:
        made = chargebacks.update(client, chargebacks.of(sold, status="Retrieval"))
        found = []
        for status in ("Responded", "New", "Challenged", "Won", "NewSecondChargeback", "Lost", "Duplicate"):
            chargebacks.move(client, made, status)
            found.append(lost())
        assert found == [D(0), D(20), D(20), D(0), D(20), D(20), D(0)]

    def test_a_corrected_amount_is_booked(
        self, client: Client, sold: Any, lost: Lost, books_are_right: Check
    ) -> None:
        made = chargebacks.update(client, chargebacks.of(sold, "20.00"))
        chargebacks.move(client, made, "New", amount=D("12.00"))
        assert lost() == 12
        books_are_right()
        chargebacks.move(client, made, "New", amount=D("9.00"), currency="EUR")
        assert lost() == 9

    def test_a_loss_moves_to_the_processor_of_its_transaction(
        self, wire: Wire, sold: Any, lost: Lost, books_are_right: Check
    ) -> None:
        vid = chargebacks.send(wire, "<amount>5</amount>").value("chargeback/VID")
        books_are_right()
        own = sold.transaction.merchantTransactionId
        chargebacks.send(wire, f"<VID>{vid}</VID><merchantTransactionId>{own}</merchantTransactionId>")
        assert lost() == 5

    def test_the_transaction_stays_as_it_is(self, client: Client, sold: Any) -> None:
        before = sales.later(client, sold)
        chargebacks.update(client, chargebacks.of(sold))
        assert str(sales.later(client, sold)) == str(before)


class TestTheCard:
    def test_it_is_remembered_by_risk_scoring(self, client: Client, sold: Any) -> None:
        chargebacks.update(client, chargebacks.of(sold))
        refused = sales.sell(client, sales.order(), expecting=403, minChargebackProbability=50)
        assert refused.score == 100

    @pytest.mark.parametrize("status", ["Retrieval", "Responded", "Duplicate"])
    def test_a_question_of_the_bank_is_no_chargeback(self, client: Client, sold: Any, status: str) -> None:
        chargebacks.update(client, chargebacks.of(sold, status=status))
        sales.sell(client, sales.order(), minChargebackProbability=50)


class TestRefunds:
    @pytest.mark.parametrize("status", ["New", "Retrieval", "Lost"])
    def test_a_disputed_transaction_is_not_refunded(self, client: Client, sold: Any, status: str) -> None:
        chargebacks.update(client, chargebacks.of(sold, status=status))
        assert refunds.refused(client, refunds.of(sold, "1.00")) == "Transaction has a chargeback"

    @pytest.mark.parametrize("status", ["Won", "Duplicate"])
    def test_after_one_that_came_to_nothing_it_is(self, client: Client, sold: Any, status: str) -> None:
        chargebacks.update(client, chargebacks.of(sold, status=status))
        assert refunds.perform(client, refunds.of(sold, "1.00")).status == "Processing"

    def test_a_refund_made_elsewhere_wins_the_dispute(self, client: Client, sold: Any, lost: Lost) -> None:
        open_, lost_ = (
            chargebacks.update(client, chargebacks.of(sold, caseNumber=status, status=status))
            for status in ("Challenged", "Lost")
        )
        refunds.report(client, refunds.of(sold, "20.00"))
        assert [chargebacks.later(client, one).status for one in (open_, lost_)] == ["Won", "Lost"]
        assert lost() == 20


class TestTheAutoBill:
    @pytest.fixture
    def bill(self, client: Client, sandbox: Sandbox) -> Any:
        right = {"merchantEntitlementIds": [{"id": "gold"}]}
        plan = shop.plan(client, **right)
        bill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
        sandbox.bill()
        return bill

    def dispute(self, client: Client, bill: Any, status: str = "New") -> Any:
        paid = shop.transactions(client, bill)[0]
        return chargebacks.update(client, chargebacks.of(paid, "10.00", status=status))

    def test_it_goes_on_by_default(self, client: Client, sandbox: Sandbox, bill: Any) -> None:
        self.dispute(client, bill)
        assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")
        sandbox.advance(31)
        assert shop.log(shop.transactions(client, bill)[-1]) == ["Captured", "New"]

    def test_the_policy_cancels_it_with_its_entitlements(
        self, client: Client, sandbox: Sandbox, bill: Any, entitlements: Callable[[Any], list[Right]]
    ) -> None:
        sandbox.settings(chargebackCancelsAutoBill=True)
        self.dispute(client, bill)
        ended = shop.fetched(client, bill)
        assert ended.status == "Cancelled"
        assert (ended.cancelReason.reason_code, ended.cancelReason.description) == (
            "4",
            "CashBox: Chargeback received. Policy specifies AutoBill be canceled.",
        )
        assert [(right.end or right.start).isoformat()[:19] for right in entitlements(bill)] == [
            "2024-04-15T12:00:00"
        ]
        assert next(iter(shop.states(client, bill).values())) == "Paid"
        sandbox.advance(62)
        assert len(shop.transactions(client, bill)) == 1

    @pytest.mark.parametrize("status", ["Retrieval", "Responded", "Incomplete", "Lost", "Duplicate"])
    def test_the_policy_waits_for_a_dispute(
        self, client: Client, sandbox: Sandbox, bill: Any, status: str
    ) -> None:
        sandbox.settings(chargebackCancelsAutoBill=True)
        made = self.dispute(client, bill, status)
        assert shop.fetched(client, bill).status == "Active"
        chargebacks.move(client, made, "New")
        acts = status in ("Retrieval", "Responded", "Incomplete")
        assert shop.fetched(client, bill).status == ("Cancelled" if acts else "Active")

    def test_the_policy_acts_on_this_autobill_alone(
        self, client: Client, sandbox: Sandbox, bill: Any
    ) -> None:
        other = shop.subscribe(client, account=shop.reference(bill.account)).autobill
        sandbox.settings(chargebackCancelsAutoBill=True)
        self.dispute(client, bill)
        assert shop.fetched(client, other).status == "Active"


class TestReport:
    def test_it_stores_all(self, client: Client, sold: Any) -> None:
        told = [chargebacks.of(sold, caseNumber=case) for case in ("1", "2")]
        assert shop.text(client("Chargeback").report(chargebacks=told)) == "OK"
        own = sold.transaction.merchantTransactionId
        found = client("Chargeback").fetchByMerchantTransactionId(merchantTransactionId=own).chargebacks
        assert sorted(one.caseNumber for one in found) == ["1", "2"]

    def test_or_nothing(self, client: Client, sold: Any) -> None:
        told = [chargebacks.of(sold), chargebacks.of(sold, "-1")]
        client("Chargeback").expecting(400).report(chargebacks=told)
        own = sold.transaction.merchantTransactionId
        client("Chargeback").expecting(400).fetchByMerchantTransactionId(merchantTransactionId=own)

    def test_the_same_case_twice_is_stored_once(self, client: Client, sold: Any) -> None:
        told = [chargebacks.of(sold, caseNumber="1", status=status) for status in ("New", "Challenged")]
        client("Chargeback").report(chargebacks=told)
        found = client("Chargeback").fetchByCaseNumber(caseNumber="1").chargebacks
        assert [one.status for one in found] == ["Challenged"]

    def test_none_at_all_is_a_bad_request(self, client: Client) -> None:
        answer = client("Chargeback").expecting(400).report(chargebacks=[])
        assert shop.text(answer) == "No chargebacks specified"


class TestFromTheProcessor:
    def test_it_is_of_the_whole_transaction(self, client: Client, sandbox: Sandbox, sold: Any) -> None:
        stored = sandbox.dispute(sold.transaction)
        kept = client("Chargeback").fetchByVid(vid=stored["VID"]).chargeback
        assert (kept.amount, kept.currency, kept.status) == (D("20.00"), "USD", "New")
        assert kept.merchantTransactionId == sold.transaction.merchantTransactionId

    def test_it_moves_on_by_its_case(self, client: Client, sandbox: Sandbox, sold: Any, lost: Lost) -> None:
        first = sandbox.dispute(sold.transaction, caseNumber="c", amount="8.00", reasonCode="10.4")
        moved = sandbox.dispute(sold.transaction, caseNumber="c", status="Challenged")
        assert (moved["VID"], moved["status"], moved["amount"]) == (first["VID"], "Challenged", "8.00")
        sandbox.dispute(sold.transaction, VID=first["VID"], status="Won")
        assert lost() == 0
