"""MakePayment: every member, answer and status of its text, and what a payment does (dialects §2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.dialects.makepayment.errors import ISSUES
from tests.conftest import Client
from tests.dialects.callers import MakePayment, part
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox

XML = "application/xml"

Check = Callable[[], None]


@pytest.fixture
def account(client: Client) -> str:
    """The id of a customer: ten characters, as many as AccountNo may have."""
    made: str = shop.account(client, merchantAccountId=shop.new_id("a")[:10]).merchantAccountId
    return made


def taken(client: Client, account: str) -> list[Any]:
    """The customer's transactions as SOAP tells them, oldest first."""
    answer = (
        client("Transaction")
        .expecting(None)
        .fetchByAccount(account={"merchantAccountId": account}, page=0, pageSize=100, includeChildren=False)
    )
    return list(answer.transactions or [])


def names(record: Any) -> dict[str, str]:
    return {pair.name: pair.value for pair in record.nameValues}


# --- the rows of the text -------------------------------------------------------------------------------------------


def test_apikey_is_required_and_checked_first(makepayment: MakePayment) -> None:
    for body in (
        {},
        {"apiKey": ""},
        {"apiKey": "x" * 40},
        {"apiKey": 5, "Amount": "abc"},
        {"apiKey": "y" * 500},
    ):
        answer = makepayment.send(body)
        assert (answer.status, answer.json()) == (401, {"Message": "The apiKey is not valid."})


def test_apikey_of_another_dialect_opens_nothing(server: Server, merchant: Any) -> None:
    from cashbox_service.app.operating.merchant_keys import KeyPurpose
    from tests.dialects.callers import new_key

    other = new_key(server, merchant, KeyPurpose.CREATE_PAYMENT).key
    assert MakePayment(server, other).send({"apiKey": other}).status == 401


def test_customerid_finds_the_account(makepayment: MakePayment, client: Client, account: str) -> None:
    number = makepayment.transactions(account)["CustomerID"]
    makepayment.paid("5.00", CustomerID=number)
    assert [one.amount for one in taken(client, account)] == [Decimal("5.00")]
    assert makepayment.issues("5.00", CustomerID=number + 1000) == [1]


def test_accountno_finds_the_account(makepayment: MakePayment, client: Client, account: str) -> None:
    makepayment.paid("5.00", AccountNo=account)
    assert makepayment.issues("5.00", AccountNo="nobody") == [1]
    assert makepayment.issues("5.00", AccountNo="eleven-long") == [9]
    assert len(taken(client, account)) == 1


def test_customerid_and_accountno_must_agree_and_one_is_needed(
    makepayment: MakePayment, client: Client, account: str
) -> None:
    other = shop.account(client).merchantAccountId
    number = makepayment.transactions(other)["CustomerID"]
    assert makepayment.issues("5.00", AccountNo=account, CustomerID=number) == [1]
    answer = makepayment.send({"apiKey": makepayment.key, "PaymentTypeID": 1, "Amount": 1})
    assert (answer.status, answer.json()["Message"]) == (400, "CustomerID or AccountNo is required.")


def test_paymenttypeid_is_one_of_the_merchant(
    makepayment: MakePayment, client: Client, account: str, sandbox: Sandbox
) -> None:
    assert makepayment.issues("5.00", AccountNo=account, PaymentTypeID=7) == [2]
    sandbox.settings(paymentTypes=["7:Gift card"])
    makepayment.paid("5.00", AccountNo=account, PaymentTypeID=7)
    method = taken(client, account)[0].sourcePaymentMethod
    assert method.merchantAcceptedPayment.paymentType == "Gift card"


def test_paymenttypes_can_be_retrieved(makepayment: MakePayment, server: Server) -> None:
    answer = server.get(f"/api/v1/PaymentTypes?apiKey={makepayment.key}")
    assert answer.status == 200
    assert [(one["PaymentTypeID"], one["Name"]) for one in answer.json()["PaymentTypes"]] == [
        (1, "Cash"), (2, "Cheque"), (3, "Card"), (4, "Bank transfer"), (5, "Direct debit"), (6, "Voucher"),
    ]  # fmt: skip
    assert server.get("/api/v1/PaymentTypes").status == 401


@pytest.mark.parametrize("amount", ["0", "-1", "1.005", "1000000000001"])
def test_amount_that_cannot_be_paid_is_an_issue(makepayment: MakePayment, account: str, amount: str) -> None:
    assert makepayment.issues(amount, AccountNo=account) == [3]


@pytest.mark.parametrize("amount", [b"4.10", b'"4.10"', b"41e-1", b"4.1"])
def test_amount_is_exact_however_it_is_written(
    makepayment: MakePayment, client: Client, account: str, amount: bytes
) -> None:
    body = b'{"apiKey":"%s","AccountNo":"%s","PaymentTypeID":1,"Amount":%s}' % (
        makepayment.key.encode(), account.encode(), amount
    )  # fmt: skip
    assert makepayment.send(body).json()["MakePaymentDataData"]["OK"] is True
    assert taken(client, account)[0].amount == Decimal("4.10")


def test_transactionid_is_kept_as_payment_id_and_reference(
    makepayment: MakePayment, client: Client, account: str
) -> None:
    reference = "t" * 255
    makepayment.paid("5.00", AccountNo=account, TransactionID=reference)
    (made,) = taken(client, account)
    assert names(made)["TransactionID"] == reference
    assert made.sourcePaymentMethod.merchantAcceptedPayment.paymentId == reference
    assert makepayment.issues("5.00", AccountNo=account, TransactionID="t" * 256) == [9]


@pytest.mark.parametrize("member", ["AuthNumber", "VendorTXCode"])
def test_authnumber_and_vendortxcode_are_kept_as_references(
    makepayment: MakePayment, client: Client, account: str, member: str
) -> None:
    longest: dict[str, Any] = {member: "r" * 50}
    longer: dict[str, Any] = {member: "r" * 51}
    makepayment.paid("5.00", AccountNo=account, **longest)
    assert names(taken(client, account)[0])[member] == "r" * 50
    answered = makepayment.pay("5.00", AccountNo=account, **longer)
    assert answered["MakePaymentIssues"] == [
        {"ID": 9, "Message": f"{member} is longer than 50 characters.", "ExtraData": member}
    ]


def test_securitykey_is_kept_sealed_and_never_shown(
    makepayment: MakePayment, client: Client, account: str, environment: Any, merchant: Any
) -> None:
    secret = "very-secret-security-key"
    makepayment.paid("5.00", AccountNo=account, SecurityKey=secret)
    (made,) = taken(client, account)
    assert secret not in str(made)
    with environment.open(environment.merchant(merchant.login)).uow as uow:
        stored = uow.transactions.by_vid(made.VID)
        assert stored is not None
        sealed = stored.particulars["security_key"]
    assert secret not in sealed
    assert environment.vault.open(sealed, f"{merchant.vid}/SecurityKey") == secret
    assert makepayment.issues("5.00", AccountNo=account, SecurityKey="s" * 51) == [9]


def test_paytransactions_absent_or_empty_pays_the_oldest_first(
    makepayment: MakePayment, account: str
) -> None:
    old, new = makepayment.make(account, "Invoice", "30.00"), makepayment.make(account, "Invoice", "20.00")
    makepayment.paid("35.00", AccountNo=account)
    assert old["InvoiceId"] not in makepayment.wholes(account)
    assert makepayment.wholes(account)[new["InvoiceId"]]["Balance"] == 15
    makepayment.paid("1.00", [], AccountNo=account)
    assert makepayment.wholes(account)[new["InvoiceId"]]["Balance"] == 14


@pytest.mark.parametrize("kind", ["Order", "Proforma", "Invoice"])
def test_transid_and_type_name_what_is_paid(makepayment: MakePayment, account: str, kind: str) -> None:
    other = makepayment.make(account, "Invoice", "99.00")
    made = makepayment.make(account, kind, "10.00")
    assert made["Type"] == kind
    assert makepayment.issues("1.00", [part({"TransID": 999, "Type": kind}, "1.00")], AccountNo=account) == [
        4
    ]
    for wrong in {"Order", "Proforma", "Invoice", "Receipt"} - {kind}:
        assert makepayment.issues("1.00", [part(made, "1.00", kind=wrong)], AccountNo=account) == [4]
    makepayment.paid("4.00", [part(made, "4.00", kind=kind.upper())], AccountNo=account)
    left = makepayment.wholes(account)
    assert left[made["InvoiceId"]] == made | {"Balance": 6}
    assert left[other["InvoiceId"]]["Balance"] == 99


def test_order_becomes_due_by_being_paid(makepayment: MakePayment, account: str) -> None:
    order = makepayment.make(account, "Order", "10.00")
    makepayment.paid("5.00", AccountNo=account)
    assert makepayment.wholes(account)[order["InvoiceId"]]["Balance"] == 10, "nobody named it"
    makepayment.paid("1.00", [part(order, "1.00")], AccountNo=account)
    makepayment.paid("2.00", AccountNo=account)
    assert makepayment.wholes(account)[order["InvoiceId"]]["Balance"] == 7, "it is the oldest one now"


def test_subid_names_a_line(makepayment: MakePayment, account: str) -> None:
    made = makepayment.make(account, "Invoice", "10.00", "20.00")
    lines = {one["SubID"]: one for one in makepayment.transactions(account)["Transactions"]}
    assert {number: line["Amount"] for number, line in lines.items()} == {0: 30, 1: 10, 2: 20}
    makepayment.paid("15.00", [part(made, "15.00", line=2)], AccountNo=account)
    assert makepayment.issues("6.00", [part(made, "6.00", line=2)], AccountNo=account) == [5]
    assert makepayment.issues("1.00", [part(made, "1.00", line=3)], AccountNo=account) == [4]
    makepayment.paid("13.00", [part(made, "5.00", line=2), part(made, "8.00", line=1)], AccountNo=account)
    balances = {one["SubID"]: one["Balance"] for one in makepayment.transactions(account)["Transactions"]}
    assert balances == {0: 2, 1: 2, 2: 0}


def test_parts_of_more_than_a_balance_or_the_amount_book_nothing(
    makepayment: MakePayment, client: Client, account: str
) -> None:
    made = makepayment.make(account, "Invoice", "10.00")
    assert makepayment.issues("20.00", [part(made, "10.01")], AccountNo=account) == [5]
    assert makepayment.issues("20.00", [part(made, "6.00"), part(made, "5.00")], AccountNo=account) == [5]
    assert makepayment.issues("5.00", [part(made, "6.00")], AccountNo=account) == [6]
    assert makepayment.issues("5.00", [part(made, "-1.00")], AccountNo=account) == [3]
    assert taken(client, account) == []


def test_rest_goes_to_the_oldest_invoices_and_then_to_credit(
    makepayment: MakePayment, client: Client, account: str, books_are_right: Check
) -> None:
    old, named = makepayment.make(account, "Invoice", "10.00"), makepayment.make(account, "Proforma", "20.00")
    makepayment.paid("45.00", [part(named, "20.00")], AccountNo=account)
    assert old["InvoiceId"] not in makepayment.wholes(account)
    credit = client("Account").fetchByMerchantAccountId(merchantAccountId=account).account.credit
    assert [grant.amount for grant in credit.currencyAmounts] == [Decimal("15.00")]
    books_are_right()


def test_currency_mismatch_is_an_issue(makepayment: MakePayment, account: str) -> None:
    dollars = makepayment.make(account, "Invoice", "10.00", Currency="USD")
    euros = makepayment.make(account, "Invoice", "10.00", Currency="EUR")
    assert makepayment.issues("20.00", [part(dollars, 10), part(euros, 10)], AccountNo=account) == [8]
    makepayment.paid("10.00", [part(euros, 10)], AccountNo=account)


def test_documents_of_another_customer_are_not_found(
    makepayment: MakePayment, client: Client, account: str
) -> None:
    other = makepayment.make(shop.account(client).merchantAccountId, "Invoice", "10.00")
    assert makepayment.issues("10.00", [part(other, 10)], AccountNo=account) == [4]


def test_all_issues_are_told_at_once(makepayment: MakePayment, account: str) -> None:
    made = makepayment.make(account, "Invoice", "10.00")
    found = makepayment.issues(
        "1.00", [part(made, "11.00"), part({"TransID": 999, "Type": "Order"}, 1)], AccountNo=account
    )
    assert found == [4, 5, 6]
    assert makepayment.issues("1.00", AccountNo="nobody", PaymentTypeID=99) == [1, 2]


# --- the answers of the text ----------------------------------------------------------------------------------------


def test_makepaymentdatadata_in_json_has_the_members_in_order(makepayment: MakePayment, account: str) -> None:
    body = {"apiKey": makepayment.key, "AccountNo": account, "PaymentTypeID": 1, "Amount": 4.0}
    answer = makepayment.send(body)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.body == b'{"MakePaymentDataData":{"OK":true,"MakePaymentIssues":[]}}'
    answer = makepayment.send(body | {"PaymentTypeID": 99})
    assert answer.body == (
        b'{"MakePaymentDataData":{"OK":false,"MakePaymentIssues":[{"ID":2,'
        b'"Message":"No match found for PaymentTypeID \\"99\\"","ExtraData":"PaymentTypeID"}]}}'
    )


ROOT = (
    b'<MakePaymentResults xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)


def in_xml(makepayment: MakePayment, account: str, payment_type: int, rest: str = "") -> bytes:
    """The request of the text, with its namespaces."""
    return (
        '<MakePaymentParams xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="urn:ignored">'
        f"<apiKey>{makepayment.key}</apiKey><CustomerID/><AccountNo>{account}</AccountNo>"
        f"<PaymentTypeID>{payment_type}</PaymentTypeID><Amount>4</Amount>{rest}</MakePaymentParams>"
    ).encode()


@pytest.mark.parametrize("content_type", [XML, "text/xml; charset=utf-8"])
def test_makepaymentresults_in_xml_has_the_members_in_order(
    makepayment: MakePayment, account: str, content_type: str
) -> None:
    answer = makepayment.send(in_xml(makepayment, account, 1), content_type=content_type)
    assert answer.headers["content-type"] == f"{content_type.partition(';')[0]}; charset=utf-8"
    assert answer.body == (
        ROOT + b"<MakePaymentDataData><OK>true</OK><MakePaymentIssues></MakePaymentIssues>"
        b"</MakePaymentDataData></MakePaymentResults>"
    )
    answer = makepayment.send(in_xml(makepayment, account, 99), content_type=content_type)
    assert answer.body == (
        ROOT + b"<MakePaymentDataData><OK>false</OK><MakePaymentIssues><MakePaymentIssue><ID>2</ID>"
        b'<Message>No match found for PaymentTypeID "99"</Message><ExtraData>PaymentTypeID</ExtraData>'
        b"</MakePaymentIssue></MakePaymentIssues></MakePaymentDataData></MakePaymentResults>"
    )


@pytest.mark.parametrize("parts", [1, 2])
def test_paytransaction_in_xml_may_stand_once_or_more_often(
    makepayment: MakePayment, account: str, parts: int
) -> None:
    made = makepayment.make(account, "Invoice", "10.00")
    one = (
        f"<PayTransaction><TransID>{made['TransID']}</TransID><SubID>0</SubID><Type>Invoice</Type>"
        "<Amount>2</Amount></PayTransaction>"
    )
    body = in_xml(makepayment, account, 1, f"<PayTransactions>{one * parts}</PayTransactions>")
    assert b"<OK>true</OK>" in makepayment.send(body, content_type=XML).body
    assert makepayment.wholes(account)[made["InvoiceId"]]["Balance"] == 6


@pytest.mark.parametrize(
    ("content_type", "accept", "answered"),
    [
        ("application/json", None, "application/json"),
        ("text/json", None, "text/json"),
        ("application/xml", None, "application/xml"),
        ("text/xml", "*/*", "text/xml"),
        ("application/json", "text/xml", "text/xml"),
        ("application/xml", "application/json;q=0.4, text/json;q=0.9", "text/json"),
        ("application/xml", "image/png", "application/xml"),
        ("text/xml", "application/*", "application/json"),
    ],
)
def test_answer_is_in_the_accepted_format_or_that_of_the_request(
    makepayment: MakePayment, account: str, content_type: str, accept: str | None, answered: str
) -> None:
    if "xml" in content_type:
        body = in_xml(makepayment, account, 1)
    else:
        given = {"apiKey": makepayment.key, "AccountNo": account, "PaymentTypeID": 1, "Amount": 4}
        body = json.dumps(given).encode()
    headers = {} if accept is None else {"Accept": accept}
    answer = makepayment.send(body, content_type=content_type, **headers)
    assert (answer.status, answer.headers["content-type"]) == (200, f"{answered}; charset=utf-8")


# --- the statuses of the text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Amount": None}, "Amount is required."),
        ({"Amount": "abc"}, "Amount is not a number."),
        ({"Amount": True}, "Amount is not a number."),
        ({"Amount": "NaN"}, "Amount is not a number."),
        ({"Amount": [1]}, "Amount is not a number."),
        ({"PaymentTypeID": None}, "PaymentTypeID is required."),
        ({"PaymentTypeID": 1.5}, "PaymentTypeID is not a whole number."),
        ({"CustomerID": "x"}, "CustomerID is not a whole number."),
        ({"AccountNo": 5}, "AccountNo is not text."),
        ({"TransactionID": "a\0b"}, "TransactionID holds characters that cannot be kept."),
        ({"PayTransactions": 5}, "PayTransactions must be an object."),
        ({"PayTransactions": {"PayTransaction": 5}}, "PayTransactions.PayTransaction is not a list."),
        (
            {"PayTransactions": {"PayTransaction": [{"SubID": 1, "Type": "Invoice", "Amount": 1}]}},
            "PayTransactions.PayTransaction[0].TransID is required.",
        ),
        (
            {"PayTransactions": {"PayTransaction": [{"TransID": 1, "Amount": 1}]}},
            "PayTransactions.PayTransaction[0].Type is required.",
        ),
        (
            {"PayTransactions": {"PayTransaction": [{"TransID": 1, "Type": "Order"}]}},
            "PayTransactions.PayTransaction[0].Amount is required.",
        ),
    ],
)
def test_400_names_the_member_that_cannot_be_interpreted(
    makepayment: MakePayment, client: Client, account: str, change: dict[str, Any], message: str
) -> None:
    body = {"apiKey": makepayment.key, "AccountNo": account, "PaymentTypeID": 1, "Amount": 4} | change
    answer = makepayment.send(body)
    assert (answer.status, answer.json()) == (400, {"Message": message})
    assert taken(client, account) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"[" * 2000, "application/json"),
        (b'{"apiKey":NaN}', "application/json"),
        (b'{"apiKey":"\xff"}', "application/json"),
        (b"<a><b></a>", XML),
        (b"", XML),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', XML),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', XML),
        (b"<a>" * 100 + b"</a>" * 100, XML),
    ],
)
def test_400_for_a_body_that_cannot_be_parsed(
    makepayment: MakePayment, body: bytes, content_type: str
) -> None:
    answer = makepayment.send(body, content_type=content_type, Accept="application/json")
    assert answer.status == 400
    assert answer.json()["Message"].startswith("The body ")


def test_503_when_the_store_cannot_be_reached(makepayment: MakePayment, server: Server) -> None:
    from sqlalchemy.exc import OperationalError

    from cashbox_service.store.outages import is_outage

    assert is_outage(OperationalError("SELECT 1", {}, Exception("gone")))
    assert not is_outage(ValueError())


def test_unknown_members_are_ignored_and_letter_case_does_not_matter(
    makepayment: MakePayment, client: Client, account: str
) -> None:
    body = {"APIKEY": makepayment.key, "accountno": account, "paymenttypeid": 1, "AMOUNT": 4, "Colour": "red"}
    assert makepayment.send(body).json()["MakePaymentDataData"]["OK"] is True
    assert len(taken(client, account)) == 1


def test_too_large_and_strange_bodies_are_refused(makepayment: MakePayment) -> None:
    assert makepayment.send(b" " * (1024 * 1024 + 1)).status == 413
    assert makepayment.send(b"a,b\n1,2", content_type="text/csv").status == 415
    assert makepayment.server.request("PUT", "/api/v1/MakePayment").status == 405
    assert makepayment.server.get("/api/v1/Nothing").status == 404


# --- repeats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["TransactionID", "VendorTXCode"])
def test_repeat_moves_no_money_and_other_content_is_issue_7(
    makepayment: MakePayment, client: Client, account: str, member: str
) -> None:
    key: dict[str, Any] = {member: "ref-1"}
    first: dict[str, Any] = {"AccountNo": account} | key
    makepayment.paid("5.00", **first)
    makepayment.paid("5.0", **first)
    (made,) = taken(client, account)
    answered = makepayment.pay("6.00", **first)
    (issue,) = answered["MakePaymentIssues"]
    assert (answered["OK"], issue["ID"], issue["ExtraData"]) == (False, 7, made.merchantTransactionId)
    other = shop.account(client).merchantAccountId
    number = makepayment.transactions(other)["CustomerID"]
    makepayment.paid("6.00", CustomerID=number, **key)


def test_refused_payment_does_not_use_its_reference_up(makepayment: MakePayment, account: str) -> None:
    assert makepayment.issues("0", AccountNo=account, TransactionID="ref-2") == [3]
    makepayment.paid("5.00", AccountNo=account, TransactionID="ref-2")


def test_payment_id_of_a_soap_payment_is_issue_7(
    makepayment: MakePayment, client: Client, account: str
) -> None:
    made = makepayment.make(account, "Invoice", "10.00")
    client("Account").makePayment(
        account={"merchantAccountId": account},
        paymentMethod=shop.cheque("cheque-9"),
        amount=Decimal("1.00"),
        invoiceId=made["InvoiceId"],
    )
    assert makepayment.wholes(account)[made["InvoiceId"]]["Balance"] == 9
    assert makepayment.issues("5.00", AccountNo=account, TransactionID="cheque-9") == [7]


# --- other ways to see it -------------------------------------------------------------------------------------------


def test_payment_is_a_merchant_accepted_transaction_for_soap(
    makepayment: MakePayment, client: Client, account: str
) -> None:
    makepayment.make(account, "Invoice", "5.00")
    makepayment.paid("5.00", AccountNo=account)
    (made,) = taken(client, account)
    assert made.sourcePaymentMethod.type == "MerchantAcceptedPayment"
    assert made.sourcePaymentMethod.merchantAcceptedPayment.paymentType == "Cheque"
    assert shop.log(made) == ["Captured", "New"]
    assert made.paymentProcessor == "Vindicia"


def test_invoice_of_an_autobill_can_be_paid_and_its_coming_one_is_a_proforma(
    makepayment: MakePayment, client: Client, books_are_right: Check
) -> None:
    bill = shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill
    account = bill.account.merchantAccountId
    due, coming = list(makepayment.wholes(account).values())
    assert (due["Type"], coming["Type"]) == ("Invoice", "Proforma")
    assert (due["InvoiceId"], coming["InvoiceId"]) == tuple(shop.invoices(client, bill))
    number = makepayment.transactions(account)["CustomerID"]
    makepayment.paid("14.00", [part(coming, "4.00"), part(due, "10.00")], CustomerID=number)
    assert list(shop.states(client, bill).values()) == ["Paid", "Open"]
    assert makepayment.wholes(account)[coming["InvoiceId"]]["Balance"] == 6
    books_are_right()


def test_soap_reverses_a_payment_of_makepayment(
    makepayment: MakePayment, client: Client, account: str, books_are_right: Check
) -> None:
    made = makepayment.make(account, "Order", "10.00")
    makepayment.paid("10.00", [part(made, "10.00")], AccountNo=account, TransactionID="ref-3")
    client("Account").reversePayment(account={"merchantAccountId": account}, paymentId="ref-3")
    assert makepayment.wholes(account)[made["InvoiceId"]]["Balance"] == 10
    books_are_right()


def test_every_issue_number_has_a_test() -> None:
    assert sorted(ISSUES) == list(range(1, 10))


def test_credentials_of_one_merchant_reach_nothing_of_another(
    makepayment: MakePayment, server: Server, client: Client, account: str
) -> None:
    from cashbox_service.app.operating.merchant_keys import KeyPurpose
    from tests.conftest import _new_merchant
    from tests.dialects.callers import new_key

    made = makepayment.make(account, "Invoice", "10.00")
    stranger = MakePayment(server, new_key(server, _new_merchant(server), KeyPurpose.MAKE_PAYMENT).key)
    assert stranger.issues("10.00", AccountNo=account) == [1]
    assert stranger.issues("10.00", [part(made, 10)], CustomerID=1) == [1]
    assert server.get(f"/api/v1/Transactions?apiKey={stranger.key}&AccountNo={account}").status == 404


def test_new_documents_are_checked(makepayment: MakePayment, account: str) -> None:
    def refused(**members: Any) -> tuple[int, str]:
        body = {
            "apiKey": makepayment.key,
            "AccountNo": account,
            "Type": "Order",
            "Lines": {"Line": [{"Description": "Chair", "Amount": "5.00"}]},
        }
        answer = makepayment.send(body | members, "/api/v1/Transactions")
        return answer.status, answer.json()["Message"]

    assert refused(Type="Receipt") == (400, 'Type "Receipt" is not one of Order, Proforma, Invoice.')
    assert refused(Currency="XXQ") == (400, 'Currency "XXQ" is not a currency.')
    assert refused(Lines={"Line": []})[0] == 400
    assert refused(Lines={"Line": [{"Description": "Chair", "Amount": "0.001"}]})[0] == 400
    assert refused(AccountNo="nobody")[0] == 404
    assert refused(DueDate="soon") == (400, "DueDate is not a date such as 2024-02-29.")
    assert makepayment.wholes(account) == {}


def test_amounts_have_the_decimals_of_their_currency(makepayment: MakePayment, account: str) -> None:
    makepayment.make(account, "Invoice", "10.5")
    makepayment.make(account, "Order", "7", Currency="JPY")
    answer = makepayment.server.get(f"/api/v1/Transactions?apiKey={makepayment.key}&AccountNo={account}")
    assert answer.body.count(b'"Amount":10.50,"Balance":10.50') == 2
    assert answer.body.count(b'"Amount":7,"Balance":7') == 2
