"""A shop that never sees a card: Flask for its pages, zeep for its calls, and nothing else.

1. ``/`` lists what it sells, two things and a subscription.
2. ``/checkout/<sku>`` prepares a WebSession. The customer's card goes to the billing service alone: from a form of the
   shop's own, which posts to ``/vws`` there, or on the service's payment page, ``/pay/<VID>``.
3. The service sends the browser back to ``/return``, where the shop finalizes the session: only now money moves. Or to
   ``/retry``, when the form could not be accepted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from flask import Flask, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response
from zeep import Client

VERSION = "22.0"
CURRENCY = "USD"
PLAN = "shop-monthly"
DECLINED = "The payment was declined. Nothing was charged."


@dataclass(frozen=True)
class Article:
    """Something to buy."""

    sku: str
    name: str
    text: str
    price: Decimal
    monthly: bool = False


ARTICLES = {
    article.sku: article
    for article in (
        Article("mug", "Enamel mug", "Holds tea, coffee and small plants.", Decimal("14.50")),
        Article("notebook", "Dotted notebook", "160 pages that lie flat.", Decimal("9.99")),
        Article(
            "magazine",
            "The Monthly Reader",
            "A magazine, once a month, until you cancel.",
            Decimal("6.00"),
            True,
        ),
    )
}


class Billing:
    """The calls that the shop makes, as one merchant of the service."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._auth = {"version": VERSION, "login": login, "password": password}
        self._client = cache(lambda service: Client(f"{self.url}/{VERSION}/{service}.wsdl").service)

    def call(self, service: str, operation: str, accepted: tuple[int, ...] = (200,), **arguments: Any) -> Any:
        """The answer of a call, whose return code has to be one of ``accepted``."""
        answer = self._client(service)[operation](auth=self._auth, srd="", **arguments)
        outcome = answer["return"]
        if int(outcome.returnCode) not in accepted:
            raise RuntimeError(f"{service}.{operation}: {outcome.returnCode} {outcome.returnString}")
        return answer

    def prepare_catalog(self) -> None:
        """What is sold by subscription has to be known to the service; telling it twice changes nothing."""
        for article in ARTICLES.values():
            product = {
                "merchantProductId": article.sku,
                "descriptions": [{"language": "EN", "description": article.name}],
                "prices": [{"amount": article.price, "currency": CURRENCY}],
            }
            self.call("Product", "update", product=product)
        periods = [{"type": "Month", "quantity": 1, "cycles": 0}]
        plan = {"merchantBillingPlanId": PLAN, "description": "every month", "periods": periods}
        self.call("BillingPlan", "update", billingPlan=plan)

    def begin(self, article: Article, customer: str, ip_address: str, return_url: str, error_url: str) -> str:
        """A WebSession for the purchase; its VID."""
        private = {"vin_Account_merchantAccountId": customer, "vin_PaymentMethod_type": "CreditCard"}
        parameters = {}
        if article.monthly:
            method = "AutoBill_Update"
            private |= {
                "vin_AutoBill_merchantAutoBillId": f"sub-{secrets.token_hex(6)}",
                "vin_AutoBill_currency": CURRENCY,
                "vin_AutoBill_items_0_Product_merchantProductId": article.sku,
                "vin_BillingPlan_merchantBillingPlanId": PLAN,
            }
            parameters = {"AutoBill_Update_immediateAuthFailurePolicy": "doNotSaveAutoBill"}
        else:
            method = "Transaction_AuthCapture"
            item = "vin_Transaction_transactionItems_0"
            private |= {
                "vin_Transaction_currency": CURRENCY,
                f"{item}_sku": article.sku,
                f"{item}_name": article.name,
                f"{item}_price": str(article.price),
                f"{item}_quantity": "1",
            }
        given = {
            "method": method,
            "version": VERSION,
            "returnURL": return_url,
            "errorURL": error_url,
            "ipAddress": ip_address,
            "privateFormValues": _pairs(private),
            "methodParamValues": _pairs(parameters),
        }
        vid: str = self.call("WebSession", "initialize", session=given).session.VID
        return vid

    def finish(self, vid: str) -> Any:
        """The session after its call was made; 401 is the answer to asking again, with what became of it."""
        return self.call("WebSession", "finalize", (200, 400, 401), session={"VID": vid}).session

    def fetch(self, vid: str) -> Any:
        return self.call("WebSession", "fetchByVid", vid=vid).session


def _pairs(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def receipt(done: Any) -> tuple[str, Decimal] | None:
    """Number and amount of what was paid; None when nothing was."""
    if done is None or done.apiReturn.returnCode != 200:
        return None
    made = done.apiReturnValues
    if made.autoBillUpdate is not None:
        paid = made.autoBillUpdate.initialTransaction
        return made.autoBillUpdate.autobill.merchantAutoBillId, paid.amount
    paid = made.transactionAuthCapture.transaction
    is_paid = paid.statusLog[0].status in ("Authorized", "AuthorizedForValidation", "Captured")
    return (paid.merchantTransactionId, paid.amount) if is_paid else None


def create_shop(billing: Billing) -> Flask:
    """The shop's pages."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_NAME="shop")

    def own_order(vid: str) -> Article:
        """What this browser was buying; nobody looks at the orders of others."""
        sku = session.get("orders", {}).get(vid)
        if sku is None:
            abort(404)
        return ARTICLES[sku]

    @app.get("/")
    def articles() -> str:
        return render_template("articles.html", articles=ARTICLES.values())

    @app.get("/checkout/<sku>")
    def checkout(sku: str) -> str:
        return render_template("checkout.html", article=ARTICLES.get(sku) or abort(404))

    @app.post("/checkout/<sku>")
    def pay(sku: str) -> Response:
        article = ARTICLES.get(sku) or abort(404)
        customer = session.setdefault("customer", f"shop-{secrets.token_hex(8)}")
        pages = [url_for(name, _external=True) for name in ("returned", "retry")]
        vid = billing.begin(article, customer, request.remote_addr or "", *pages)
        session["orders"] = session.get("orders", {}) | {vid: sku}
        if request.form.get("how") == "page":
            return redirect(f"{billing.url}/pay/{vid}", 303)
        return redirect(url_for("card", vid=vid), 303)

    @app.get("/card/<vid>")
    def card(vid: str) -> str:
        return render_template("own_form.html", article=own_order(vid), vid=vid, action=f"{billing.url}/vws")

    @app.get("/return")
    def returned() -> str:
        vid = request.args.get("session_id", "")
        article = own_order(vid)
        paid = receipt(billing.finish(vid))
        if paid is None:
            return render_template("failed.html", article=article, reason=DECLINED)
        return render_template("thanks.html", article=article, number=paid[0], amount=paid[1])

    @app.get("/retry")
    def retry() -> Response | str:
        vid = request.args.get("session_id", "")
        article = own_order(vid)
        told = billing.fetch(vid)
        if told.apiReturnValues is not None and told.apiReturnValues.method:
            # Sent a second time, after it was paid: what came of it is told there.
            return redirect(url_for("returned", session_id=vid))
        reason = (
            "You went back before paying."
            if told.apiReturn.returnCode == 200
            else "The card details could not be accepted."
        )
        return render_template("failed.html", article=article, reason=f"{reason} Nothing was charged.")

    return app
