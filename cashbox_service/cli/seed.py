"""``cashbox-service seed``: a small shop to try the service with, in the sandbox.

Everything is made through the use cases that clients' calls go through, under fixed ids that begin with ``sample-``;
what is there already is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from cashbox_service.cli.opened import database_option, opened, sandbox_merchant

if TYPE_CHECKING:
    from cashbox_service.app.context import Work
    from cashbox_service.app.offers.drafts import BillingPlanDraft, ProductDraft
    from cashbox_service.app.subscriptions.drafts import AutoBillDraft
    from cashbox_service.app.wallet.drafts import PaymentMethodDraft

TEST_CARD = "4111111111111111"
EXPIRATION = "203912"


@click.command()
@click.argument("login", default="sandbox")
@database_option
def seed(login: str, database_url: str | None) -> None:
    """Make sample products, plans, accounts and AutoBills for a merchant (sandbox mode only)."""
    with opened(database_url) as env, closing(env.open(sandbox_merchant(env, login))) as work:
        for made in _seeded(work):
            click.echo(made)


def _seeded(work: Work) -> Iterator[str]:
    """Make what is missing; the ids of all of it."""
    from cashbox_service.app.customers import accounts
    from cashbox_service.app.customers.drafts import AccountDraft
    from cashbox_service.app.engine.first_billing import UpdateOptions
    from cashbox_service.app.offers import billing_plans, products
    from cashbox_service.app.subscriptions import autobill_update

    for product in _products():
        if products.find(work, product) is None:
            products.update(work, product)
        yield f"product      {product.merchant_product_id}"
    plan = _plan()
    if billing_plans.find(work, plan) is None:
        billing_plans.update(work, plan)
    yield f"billing plan {plan.merchant_billing_plan_id}"
    for name, method in (("card", _card()), ("invoice", _invoice())):
        account = AccountDraft(
            merchant_account_id=f"sample-{name}-payer",
            name=f"Sample {name} payer",
            email_address=f"{name}@example.com",
        )
        autobill = _autobill(f"sample-{name}-autobill", account.merchant_account_id, method)
        if autobill_update.find(work, autobill) is None:
            accounts.update(work, account)
            with autobill_update.update(work, autobill, UpdateOptions()):
                pass
        yield f"account      {account.merchant_account_id}"
        yield f"autobill     {autobill.merchant_auto_bill_id}"


def _products() -> Iterator[ProductDraft]:
    from cashbox_service.app.offers.drafts import (
        MerchantEntitlementIdDraft,
        ProductDescriptionDraft,
        ProductDraft,
        ProductPriceDraft,
    )

    for name, amount in (("magazine", "12.00"), ("archive", "3.00")):
        yield ProductDraft(
            merchant_product_id=f"sample-{name}",
            descriptions=(ProductDescriptionDraft("EN", f"Sample {name}"),),
            prices=(ProductPriceDraft(Decimal(amount), "USD"),),
            merchant_entitlement_ids=(MerchantEntitlementIdDraft(f"read-{name}", f"Read the {name}"),),
        )


def _plan() -> BillingPlanDraft:
    """A month for nothing, then monthly; the products bring the price."""
    from cashbox_service.app.offers.drafts import BillingPlanDraft, BillingPlanPeriodDraft

    return BillingPlanDraft(
        merchant_billing_plan_id="sample-monthly",
        description="Sample monthly plan",
        periods=(
            BillingPlanPeriodDraft("Month", 1, 1, free=True),
            BillingPlanPeriodDraft("Month", 1, 0),
        ),
    )


def _card() -> PaymentMethodDraft:
    from cashbox_service.app.wallet.drafts import CreditCardDraft, PaymentMethodDraft

    return PaymentMethodDraft(
        type="CreditCard",
        merchant_payment_method_id="sample-card",
        account_holder_name="Sample Payer",
        credit_card=CreditCardDraft(account=TEST_CARD, expiration_date=EXPIRATION),
    )


def _invoice() -> PaymentMethodDraft:
    from cashbox_service.app.wallet.drafts import MerchantAcceptedPaymentDraft, PaymentMethodDraft

    return PaymentMethodDraft(
        type="MerchantAcceptedPayment",
        merchant_payment_method_id="sample-invoice",
        merchant_accepted_payment=MerchantAcceptedPaymentDraft(payment_type="Cheque"),
    )


def _autobill(autobill_id: str, account_id: str | None, method: PaymentMethodDraft) -> AutoBillDraft:
    from cashbox_service.app.customers.drafts import AccountDraft
    from cashbox_service.app.offers.drafts import BillingPlanDraft, ProductDraft
    from cashbox_service.app.subscriptions.drafts import AutoBillDraft, AutoBillItemDraft

    return AutoBillDraft(
        merchant_auto_bill_id=autobill_id,
        account=AccountDraft(merchant_account_id=account_id),
        billing_plan=BillingPlanDraft(merchant_billing_plan_id="sample-monthly"),
        items=(
            AutoBillItemDraft(index=0, product=ProductDraft(merchant_product_id="sample-magazine")),
            AutoBillItemDraft(index=1, product=ProductDraft(merchant_product_id="sample-archive")),
        ),
        payment_method=method,
        currency="USD",
    )
