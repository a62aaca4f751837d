"""One sound request of every operation, as XML to be spoiled: each must succeed as it stands, but for ``REFUSED``.

A new operation needs one line in ``SOUND``. Placeholders in braces are filled in by the test: those of
``one_of_everything`` for objects that exist (``{accountVid}``), ``{new}`` for an id that nobody used before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.services import (
    campaign_requests,
    chargebacks,
    customer_requests,
    hosted,
    refunds,
    sales,
    shop,
    usage,
)
from tests.services.sandbox import Sandbox
from tests.soap_client import ServiceClient

_ALWAYS = {"startDate": "2000-01-01", "endDate": "2099-12-31"}
_NEXT_CENTURY = {"startDate": "2100-01-01", "endDate": "2199-12-31"}


def one_of_everything(
    client: Callable[[str], ServiceClient], sandbox: Sandbox | None = None
) -> dict[str, str]:
    """Makes one object of each kind that requests can name, and a second one of some; the placeholders by name."""
    account: Any = shop.account(
        client,
        externalId="external",
        shippingAddress={"city": "London"},
        paymentMethods=[shop.card(), shop.bank_account()],
    )
    right = [{"id": "silver"}]
    product, plan = (make(client, merchantEntitlementIds=right) for make in (shop.product, shop.plan))
    bill = shop.subscribe(
        client,
        shop.invoiced() | {"merchantPaymentMethodId": "by hand"},
        account=shop.reference(account),
        billingPlan=shop.reference(plan),
        items=[{"index": 0, "product": shop.reference(product)}],
    ).autobill
    right_of_its_own = {"merchantEntitlementId": "pass", "endTimestamp": "2098-01-01T00:00:00Z"}
    client("Account").grantEntitlement(account=shop.reference(account), entitlement=right_of_its_own)
    other = shop.subscribe(client, shop.card(merchantPaymentMethodId="other card")).autobill
    changing = shop.subscribe(client, shop.card(), billingPlan=shop.reference(shop.plan(client))).autobill
    cheque = shop.cheque()
    paid = shop.pay(client, bill, "1.00", cheque).transaction
    buyer = shop.reference(account)

    def sold(method: dict[str, Any]) -> str:
        vid: str = sales.sell(client, sales.order(buyer, sourcePaymentMethod=method)).transaction.VID
        return vid

    def waiting(method: dict[str, Any]) -> str:
        vid: str = shop.transactions(client, shop.subscribe(client, method).autobill)[-1].VID
        return vid

    authorized, captured, disputed = (sales.authorize(client, sales.order(buyer)) for _ in range(3))
    assert sales.captured(client, captured, disputed) == [200, 200]
    refund = refunds.perform(client, refunds.of(captured, "0.01"))
    hosted_sale, hosted_bill = _finalized_sessions(client, product, plan)
    made = {
        "sessionVid": hosted.initialize(client, "PaymentMethod_Update").VID,
        "finalizedVid": hosted_sale,
        "finalizedBillVid": hosted_bill,
        "authorizedVid": authorized.transaction.VID,
        "soldVid": captured.transaction.VID,
        "refundVid": refund.VID,
        "chargebackVid": chargebacks.update(
            client, chargebacks.of(disputed, caseNumber="case", referenceNumber="reference")
        ).VID,
        "templateVid": client("EmailTemplate")
        .update(
            template={
                "product": shop.reference(product),
                "templateType": "Success",
                "from": "shop@example.com",
                "textMessage": "Thank you",
            }
        )
        .template.vid,
        "disputed": disputed.transaction.merchantTransactionId,
        "paypalBillVid": waiting(sales.paypal_page()),
        "carrierBillVid": waiting(sales.carrier()),
        "hostedBillVid": waiting(sales.hosted_page()),
        "paypalVid": sold(sales.paypal_page()),
        "carrierVid": sold(sales.carrier()),
        "hostedVid": sold(sales.hosted_page()),
        "account": account.merchantAccountId,
        "accountVid": account.VID,
        "address": "external",
        "addressVid": account.shippingAddress.VID,
        "external": account.externalId,
        "method": "by hand",
        "methodVid": account.paymentMethods[0].VID,
        "bill": bill.merchantAutoBillId,
        "billVid": bill.VID,
        "invoice": shop.invoices(client, bill)[0],
        "payment": cheque["merchantAcceptedPayment"]["paymentId"],
        "product": product.merchantProductId,
        "productVid": product.VID,
        "plan": plan.merchantBillingPlanId,
        "seasonsVid": client("SeasonSet")
        .update(seasonSet={"merchantSeasonSetId": "always", "seasons": [_ALWAYS, _NEXT_CENTURY]})
        .seasonSet.VID,
        "planVid": plan.VID,
        "transaction": paid.merchantTransactionId,
        "transactionVid": paid.VID,
        "otherAccount": other.account.merchantAccountId,
        "otherBill": other.merchantAutoBillId,
        "changing": changing.merchantAutoBillId,
        "changingVid": changing.VID,
        "otherMethod": "other card",
        "otherPlan": other.billingPlan.merchantBillingPlanId,
        "otherProduct": other["items"][0].product.merchantProductId,
    }
    more = customer_requests.ids(client, account, bill, sandbox) | campaign_requests.ids(client)
    return made | _rated(client) | more


def _rated(client: Callable[[str], ServiceClient]) -> dict[str, str]:
    """An AutoBill with usage, of an account of its own."""
    rate_plan = usage.plan(client)
    rated = usage.subscribe(client, rate_plan)
    usage.record(client, rated, "5", event_id="event")
    usage.record(client, rated, "50")
    item = rated["items"][0]
    return {
        "rate": rate_plan.merchantRatePlanId,
        "rateVid": rate_plan.VID,
        "rated": rated.merchantAutoBillId,
        "ratedVid": rated.VID,
        "ratedItemVid": item.VID,
        "ratedAccount": rated.account.merchantAccountId,
        "ratedAccountVid": rated.account.VID,
        "ratedProduct": item.product.merchantProductId,
        "ratedProductVid": item.product.VID,
        "eventVid": usage.found(client, "event").VID,
    }


def _finalized_sessions(client: Callable[[str], ServiceClient], product: Any, plan: Any) -> list[str]:
    """Sessions that made a sale and an AutoBill, without a browser: the merchant gave all values."""
    bill = {
        "vin_Account_merchantAccountId": shop.new_id("account"),
        "vin_AutoBill_currency": "USD",
        "vin_BillingPlan_VID": plan.VID,
        "vin_Product_VID": product.VID,
    }
    made = [
        hosted.initialize(client, method, values | hosted.CARD_ON_FILE)
        for method, values in (("Transaction_AuthCapture", hosted.sale()), ("AutoBill_Update", bill))
    ]
    assert [hosted.outcome(hosted.finalize(client, each))[0] for each in made] == [200, 200]
    return [each.VID for each in made]


CARD = (
    "<paymentMethod><type>CreditCard</type><creditCard><account>4111111111111111</account>"
    "<expirationDate>203812</expirationDate></creditCard><accountHolderName>Ada</accountHolderName>"
    "<billingAddress><addr1>1 Main St</addr1><city>London</city></billingAddress>"
    "<nameValues><name>CVN</name><value>200</value></nameValues>"
    "<merchantPaymentMethodId>m-{new}</merchantPaymentMethodId><currency>USD</currency><sortOrder>1</sortOrder>"
    "</paymentMethod>"
)
BANK = (
    "<paymentMethod><type>ECP</type><ecp><account>123456789</account><routingNumber>110000000</routingNumber>"
    "<accountType>ConsumerChecking</accountType></ecp></paymentMethod>"
)
CHEQUE = (
    "<paymentMethod><type>MerchantAcceptedPayment</type><merchantAcceptedPayment><paymentType>Cheque</paymentType>"
    "<paymentId>p-{new}</paymentId><amount>1.00</amount><currency>USD</currency></merchantAcceptedPayment>"
    "<merchantPaymentMethodId>m-{new}</merchantPaymentMethodId></paymentMethod>"
)
WALLETS = (
    (
        "<type>DirectDebit</type><directDebit><account>NL91ABNA0417164300</account><countryCode>NL</countryCode>"
        "</directDebit><accountHolderName>Ada</accountHolderName>"
    ),
    (
        "<type>PayPal</type><paypal><paypalEmail>ada@example.org</paypalEmail><returnUrl>https://shop.example/</returnUrl>"
        "<requestReferenceId>1</requestReferenceId><referenceId>B-1</referenceId></paypal>"
    ),
    "<type>Amazon</type><amazon><billingAgreementId>B01-123</billingAgreementId></amazon>",
    (
        "<type>Skrill</type><skrill><billingAgreementId>1tap</billingAgreementId>"
        "<returnUrl>https://shop.example/</returnUrl></skrill>"
    ),
    "<type>Boleto</type><boleto><fiscalNumber>52998224725</fiscalNumber></boleto>",
    (
        "<type>HostedPage</type><hostedPage><paymentProvider><name>GlobalCollect</name></paymentProvider>"
        "<countryCode>NL</countryCode><language>nl</language></hostedPage>"
    ),
    (
        "<type>CarrierBilling</type><carrierBilling><phoneNumber><phoneType>Mobile</phoneType><areaCode>650</areaCode>"
        "<localNumber>5550100</localNumber></phoneNumber><paymentProvider><name>BOKU</name></paymentProvider>"
        "<currency>USD</currency></carrierBilling>"
    ),
    "<type>ApplePay</type><applePay><paymentNetwork>Visa</paymentNetwork><paymentData>{}</paymentData></applePay>",
    "<type>MilitaryStar</type><militaryStar><account>6019440000000004</account><cid>123</cid></militaryStar>",
    (
        "<type>ExternalBilling</type><ExternalBilling><BillReceiver>Optima</BillReceiver>"
        "<PaymentChannelId>c-1</PaymentChannelId></ExternalBilling>"
    ),
)
"""One payment method of each further type; tokens need a token type that exists."""
ACCOUNT = "<account><VID>{accountVid}</VID></account>"
METHOD = "<paymentMethod><VID>{methodVid}</VID></paymentMethod>"
BILL = "<autobill><VID>{billVid}</VID></autobill>"
CHANGING = "<autobill><VID>{changingVid}</VID></autobill>"
FLAGS = (
    "<minChargebackProbability>100</minChargebackProbability><replaceOnAllAutoBills>1</replaceOnAllAutoBills>"
)
PASS = "<merchantEntitlementId>pass</merchantEntitlementId>"
RIGHT = "<merchantEntitlementId>right-{new}</merchantEntitlementId><description>Right</description>"
PERIOD_OF = (
    "<startTimestamp>2024-01-01T00:00:00Z</startTimestamp><endTimestamp>2098-01-01T00:00:00Z</endTimestamp>"
)
STOPPED = (
    "<autobills><VID>{billVid}</VID></autobills><disentitle>0</disentitle><force>1</force>"
    "<cancelReasonCode>103</cancelReasonCode>"
)
CANCELLED = (
    "<disentitle>1</disentitle><force>1</force><settle>1</settle>"
    "<sendCancellationNotice>0</sendCancellationNotice><cancelReasonCode>100</cancelReasonCode>"
)
SEASONS = "<seasonSet><VID>{seasonsVid}</VID></seasonSet><nowDate>2024-12-01</nowDate>"
PAGE = "<page>0</page><pageSize>10</pageSize>"
WINDOW = "<timestamp>2020-01-01T00:00:00Z</timestamp><endTimestamp>2099-01-01T00:00:00Z</endTimestamp>"
NAMES = "<nameValues><name>colour</name><value>blue</value></nameValues>"
PERIOD = (
    "<periods><type>Month</type><quantity>1</quantity><cycles>0</cycles><prices><amount>1.00</amount>"
    "<currency>USD</currency></prices></periods>"
)
PLAN = (
    "<merchantBillingPlanId>plan-{new}</merchantBillingPlanId><description>Monthly</description><status>Active</status>"
    f"{PERIOD}<prenotifyDays>3</prenotifyDays>{NAMES}<merchantEntitlementIds><id>gold</id></merchantEntitlementIds>"
)
PRODUCT = (
    "<merchantProductId>sku-{new}</merchantProductId>"
    "<descriptions><language>EN</language><description>Magazine</description></descriptions><status>Active</status>"
    "<prices><amount>10.00</amount><currency>USD</currency></prices>"
    "<creditGranted><currencyAmounts><currency>USD</currency><amount>1.00</amount></currencyAmounts></creditGranted>"
    f"{NAMES}"
)
ORDER = (
    "<autobill><merchantAutoBillId>bill-{new}</merchantAutoBillId><account><VID>{accountVid}</VID></account>"
    f"<billingPlan><VID>{{planVid}}</VID></billingPlan>{CARD}<currency>USD</currency>"
    "<items><index>0</index><product><VID>{productVid}</VID></product><amount>5.00</amount><currency>USD</currency>"
    f"<quantity>2</quantity><cycles>3</cycles>{NAMES}</items><billingDay>15</billingDay>{NAMES}</autobill>"
    "<dryrun>0</dryrun>"
)
NEW_ACCOUNT = (
    "<account><merchantAccountId>a-{new}</merchantAccountId><externalId>x-{new}</externalId>"
    "<defaultCurrency>USD</defaultCurrency><emailAddress>ada@example.org</emailAddress>"
    "<emailTypePreference>html</emailTypePreference><warnBeforeAutobilling>1</warnBeforeAutobilling><name>Ada</name>"
    "<shippingAddress><name>Ada</name><city>London</city><country>GB</country><latitude>51.5</latitude></shippingAddress>"
    f"{CARD.replace('paymentMethod>', 'paymentMethods>')}{NAMES}"
    "<taxExemptions><region>GB</region><exemptionId>1</exemptionId><active>1</active></taxExemptions></account>"
)

ITEM = (
    "<transactionItems><sku>book</sku><itemType>Purchase</itemType><name>Book</name><price>5.00</price>"
    f"{NAMES}<quantity>2</quantity><taxClassification>TaxExempt</taxClassification></transactionItems>"
)
BUY = (
    "<currency>USD</currency><merchantTransactionId>t-{new}</merchantTransactionId>"
    "<timestamp>2024-01-01T00:00:00Z</timestamp><account><VID>{accountVid}</VID></account>"
    f"{CARD.replace('paymentMethod>', 'sourcePaymentMethod>')}"
    "<shippingAddress><city>London</city><country>GB</country></shippingAddress>"
    f"{NAMES}{ITEM}<note>n</note><sourceIp>192.0.2.1</sourceIp>"
)
LOGGED = (
    "<statusLog><status>Captured</status><timestamp>2024-01-02T00:00:00Z</timestamp>"
    "<paymentMethodType>CreditCard</paymentMethodType><creditCardStatus><authCode>100</authCode><avsCode>Y</avsCode>"
    "</creditCardStatus><vinAVS>FullMatch</vinAVS></statusLog>"
)
TOLD = (
    f"{LOGGED}<paymentProcessor>Litle</paymentProcessor><paymentProcessorTransactionId>l-1</paymentProcessorTransactionId>"
    "<divisionNumber>12</divisionNumber>"
)
MIGRATED = (
    "<account><VID>{accountVid}</VID></account><merchantTransactionId>t-{new}</merchantTransactionId>"
    "<type>NonRecurring</type><amount>11.00</amount><currency>USD</currency>"
    "<migrationTransactionItems><itemType>NonRecurringCharge</itemType><sku>book</sku><name>Book</name>"
    "<price>10.00</price><taxClassification>Service</taxClassification><migrationTaxItems><amount>1.00</amount>"
    "<jurisdiction>STATE_06</jurisdiction><name>TAX</name></migrationTaxItems></migrationTransactionItems>"
    f"{CARD}<taxInclusive>0</taxInclusive><salesTaxAddress><country>US</country></salesTaxAddress>{NAMES}{TOLD}"
)
BILLED = (
    MIGRATED.replace("<type>NonRecurring</type>", "<type>Recurring</type>").replace(
        "NonRecurringCharge", "RecurringCharge"
    )
    + "<autoBillCycle>77</autoBillCycle><merchantBillingPlanId>{plan}</merchantBillingPlanId>"
    "<billingPlanCycle>3</billingPlanCycle><retryNumber>1</retryNumber>"
)
HASHED = f"<bin>411111</bin><lastDigits>1111</lastDigits><accountHash>{'0' * 40}</accountHash>"
SALE = f"<transaction>{BUY}</transaction><minChargebackProbability>100</minChargebackProbability>"
BARE_SALE = (
    "<transaction><amount>5.00</amount><account><VID>{accountVid}</VID></account></transaction>"
    "<sendEmailNotification>1</sendEmailNotification>"
)
CHALLENGED_SALE = (
    "<transaction><amount>5.00</amount><account><VID>{accountVid}</VID></account><sourcePaymentMethod>"
    "<type>CreditCard</type><creditCard><account>4111111111111111</account><expirationDate>203812</expirationDate>"
    "</creditCard><extendedVerification><browserAcceptHeader>*/*</browserAcceptHeader>"
    "<browserUserAgentHeader>Mozilla/5.0</browserUserAgentHeader><returnUrl>https://shop.example/back</returnUrl>"
    "</extendedVerification></sourcePaymentMethod></transaction>"
)

PROVIDER_REQUEST = (
    "<paymentProvider><name>BOKU</name></paymentProvider><requestType>price</requestType>"
    "<requestArguments><name>country</name><value>GB</value></requestArguments>"
)
REFUND = (
    "<merchantRefundId>r-{new}</merchantRefundId><transaction><VID>{soldVid}</VID></transaction><amount>0.05</amount>"
    f"<amountIncludesTax>1</amountIncludesTax><currency>USD</currency>{NAMES}<note>Late</note>"
)
ELSEWHERE = (
    "<transaction><merchantTransactionId>t-{new}</merchantTransactionId><amount>5.00</amount><currency>USD</currency>"
    f"{ACCOUNT}</transaction>"
)
ITEM_REFUND = (
    "<transaction><VID>{authorizedVid}</VID></transaction><refundItems>"
    "<transactionItemIndexNumber>1</transactionItemIndexNumber><sku>book</sku><amount>0.05</amount><taxOnly>0</taxOnly>"
    "</refundItems><refundDistributionStrategy>SpecifiedItems</refundDistributionStrategy>"
)

CHARGEBACK = (
    "<amount>5.00</amount><currency>USD</currency><presentmentAmount>4.00</presentmentAmount>"
    "<presentmentCurrency>EUR</presentmentCurrency><divisionNumber>7</divisionNumber><reasonCode>10.4</reasonCode>"
    "<caseNumber>c-{new}</caseNumber><referenceNumber>r-{new}</referenceNumber><merchantNumber>m</merchantNumber>"
    "<processorReceivedTimestamp>2024-01-01T00:00:00Z</processorReceivedTimestamp>"
    f"<postedTimestamp>2024-01-01T00:00:00Z</postedTimestamp><status>New</status><note>By mail</note>{NAMES}"
)

EVENT = (
    "<event><merchantEventId>e-{new}</merchantEventId><eventDate>2024-01-01T00:00:00Z</eventDate>"
    "<description>Call</description><merchantAccountId>{ratedAccount}</merchantAccountId>"
    "<accountVid>{ratedAccountVid}</accountVid><merchantAutoBillId>{rated}</merchantAutoBillId>"
    "<autoBillVid>{ratedVid}</autoBillVid><autoBillItemVid>{ratedItemVid}</autoBillItemVid>"
    "<merchantProductId>{ratedProduct}</merchantProductId><productVid>{ratedProductVid}</productVid>"
    f"<amount>2.5</amount>{NAMES}</event>"
)
FEE = "<amount>1.00</amount><currency>USD</currency>"
RATE_PLAN = (
    "<description>Calls</description><merchantRatePlanId>rate-{new}</merchantRatePlanId>"
    "<multiplyRatedUnitsBy>EachRespectiveTier</multiplyRatedUnitsBy>"
    "<ratedUnit><nameSingular>minute</nameSingular><namePlural>minutes</namePlural></ratedUnit>"
    f"<tier><name>All</name><ratePrice>{FEE}</ratePrice><chargeCustomer>PerUnit</chargeCustomer>"
    "<beginsAtLevel>0</beginsAtLevel></tier><roundingDecimals>2</roundingDecimals><includedUnits>5</includedUnits>"
    f"<minimumFee>{FEE}</minimumFee><maximumFee>{FEE}</maximumFee><ratePlanModel>UsageBased</ratePlanModel>"
    f"<status>Active</status>{NAMES}"
)
USED = (
    "<account><VID>{ratedAccountVid}</VID></account><autobill><VID>{ratedVid}</VID></autobill>"
    "<product><VID>{ratedProductVid}</VID></product><ratePlan><VID>{rateVid}</VID></ratePlan>"
    f"<startTimestamp>2020-01-01T00:00:00Z</startTimestamp><endTimestamp>2099-01-01T00:00:00Z</endTimestamp>{PAGE}"
)
SESSION = (
    "<session><method>Transaction_AuthCapture</method><version>22.0</version><returnURL>https://shop.example/ok</returnURL>"
    f"<errorURL>https://shop.example/retry</errorURL><ipAddress>192.0.2.1</ipAddress>{NAMES}<methodParamValues>"
    "<name>Transaction_AuthCapture_dryrun</name><value>1</value></methodParamValues><privateFormValues>"
    "<name>vin_Transaction_currency</name><value>USD</value></privateFormValues></session>"
)

TEMPLATE = (
    "<product><merchantProductId>{product}</merchantProductId></product><templateType>Cancellation</templateType>"
    "<version>2.0</version><from>Shop &lt;shop@example.com&gt;</from><replyTo>help@example.com</replyTo>"
    "<htmlMessage>&lt;p>Good bye {{account.name}}&lt;/p></htmlMessage><textMessage>Good bye</textMessage>"
)

SOUND: dict[str, tuple[str, ...]] = {
    "WebSession.initialize": (SESSION,),
    "WebSession.fetchByVid": ("<vid>{sessionVid}</vid>",),
    "WebSession.finalize": ("<session><VID>{sessionVid}</VID></session>",),
    "Account.fetchByWebSessionVid": ("<vid>{finalizedVid}</vid>",),
    "AutoBill.fetchByWebSessionVid": ("<vid>{finalizedBillVid}</vid>",),
    "PaymentMethod.fetchByWebSessionVid": ("<vid>{finalizedVid}</vid>",),
    "Transaction.fetchByWebSessionVid": ("<vid>{finalizedVid}</vid>",),
    "Account.update": (NEW_ACCOUNT, "<account><VID>{accountVid}</VID><company>Engines</company></account>"),
    "Account.fetchByMerchantAccountId": ("<merchantAccountId>{account}</merchantAccountId>",),
    "Account.fetchByExternalId": ("<externalId>{external}</externalId>",),
    "Account.fetchByVid": ("<vid>{accountVid}</vid>",),
    "Account.fetchByEmail": ("<emailAddress>ada@example.org</emailAddress>",),
    "Account.fetchCreatedSince": (WINDOW + PAGE,),
    "Account.fetchByPaymentMethod": (
        METHOD + PAGE,
        CARD.replace("merchantPaymentMethodId", "customerDescription") + PAGE,
    ),
    "Account.updatePaymentMethod": (
        f"{ACCOUNT}{CARD}<updateBehavior>Validate</updateBehavior><updateScopeOnAccount>AllActive</updateScopeOnAccount>",
        f"{ACCOUNT}{CARD}<updateBehavior>CatchUp</updateBehavior><updateScopeOnAccount>AllDue</updateScopeOnAccount>",
        f"{ACCOUNT}{METHOD}<updateBehavior>Update</updateBehavior><updateScopeOnChildren>AllDue</updateScopeOnChildren>",
    ),
    "Account.makePayment": (
        f"{ACCOUNT}{CHEQUE}<amount>1.00</amount><currency>USD</currency><invoiceId/>",
        f"{ACCOUNT}{METHOD}<amount>1.00</amount><overageDisposition>applytoCredit</overageDisposition>",
    ),
    "Account.reversePayment": (ACCOUNT + "<paymentId>{payment}</paymentId>",),
    "Account.isEntitled": (f"{ACCOUNT}<merchantEntitlementId>silver</merchantEntitlementId>",),
    "Account.grantEntitlement": (f"{ACCOUNT}<entitlement>{RIGHT}{PERIOD_OF}</entitlement><note>n</note>",),
    "Account.revokeEntitlement": (
        f"{ACCOUNT}<merchantEntitlementId>pass</merchantEntitlementId><note>n</note>",
    ),
    "Account.extendEntitlementToDate": (
        f"{ACCOUNT}{PASS}<extensionDate>2099-01-01T00:00:00Z</extensionDate><note>n</note>",
    ),
    "Account.extendEntitlementByInterval": (
        f"{ACCOUNT}<entitlement>{PASS}</entitlement><interval><months>1</months><days>2</days></interval>",
    ),
    "Account.stopAutoBilling": (
        ACCOUNT + STOPPED,
        f"{ACCOUNT}<disentitle>1</disentitle><force>0</force>",
    ),
    **customer_requests.SOUND,
    **campaign_requests.SOUND,
    "Address.update": ("<address><name>Ada</name><city>London</city><latitude>51.5</latitude></address>",),
    "Address.fetchByVid": ("<vid>{addressVid}</vid>",),
    "AutoBill.update": (
        ORDER,
        ORDER.replace(CARD, BANK),
        "<autobill><VID>{billVid}</VID><customerAutoBillName>Mine</customerAutoBillName></autobill>",
    ),
    "AutoBill.fetchByVid": ("<vid>{billVid}</vid>",),
    "AutoBill.fetchByMerchantAutoBillId": ("<merchantAutoBillId>{bill}</merchantAutoBillId>",),
    "AutoBill.fetchByAccount": (f"{ACCOUNT}<includeChildren>1</includeChildren>{PAGE}",),
    "AutoBill.fetchByAccountAndProduct": (ACCOUNT + "<product><VID>{productVid}</VID></product>",),
    "AutoBill.fetchByEmail": ("<email>ada@example.org</email>",),
    "AutoBill.fetchInvoice": (
        f"{BILL}<invoiceId>{{invoice}}</invoiceId><asPDF>0</asPDF>",
        (
            f"{BILL}<invoiceId>{{invoice}}</invoiceId><asPDF>1</asPDF><statementTemplateId>gold</statementTemplateId>"
            "<dunningIndex>0</dunningIndex><language>de</language>"
        ),
    ),
    "AutoBill.fetchInvoiceNumbers": (BILL,),
    "AutoBill.makePayment": (
        f"{BILL}{CHEQUE}<amount>1.00</amount><currency>USD</currency><invoiceId>{{invoice}}</invoiceId>",
        f"{BILL}{METHOD}<amount>0.01</amount><invoiceId>{{invoice}}</invoiceId>",
    ),
    "AutoBill.reversePayment": (BILL + "<paymentId>{payment}</paymentId>",),
    "AutoBill.addCharge": (
        (
            f"{CHANGING}<description>Visit</description><taxClassification>TaxExempt</taxClassification>"
            "<amount>1.00</amount><currency>USD</currency><quantity>2</quantity><dryrun>0</dryrun>"
        ),
        f"{CHANGING}<sku>{{product}}</sku><description>Visit</description>",
    ),
    "AutoBill.changeBillingDayOfMonth": (f"{CHANGING}<dayOfMonth>31</dayOfMonth>",),
    "AutoBill.delayBillingByDays": (
        f"{CHANGING}<delayDays>3</delayDays><movePermanently>0</movePermanently>",
    ),
    "AutoBill.delayBillingToDate": (
        f"{CHANGING}<newBillingDate>2099-01-01</newBillingDate><movePermanently>1</movePermanently>",
    ),
    "AutoBill.fetchBillingItemHistory": (CHANGING,),
    "AutoBill.fetchUpgradeHistoryByMerchantAutoBillId": (
        "<merchantAutoBillId>{changing}</merchantAutoBillId>",
    ),
    "AutoBill.fetchUpgradeHistoryByVid": ("<vid>{changingVid}</vid>",),
    "AutoBill.modify": (
        (
            f"{CHANGING}<billProratedPeriod>1</billProratedPeriod><effectiveDate>today</effectiveDate>"
            "<changeBillingPlanTo><VID>{planVid}</VID></changeBillingPlanTo><autoBillItemModifications>"
            "<removeAutoBillItem><index>0</index></removeAutoBillItem><addAutoBillItem><product><VID>{productVid}</VID>"
            "</product><quantity>2</quantity><amount>3.00</amount><currency>USD</currency><cycles>3</cycles>"
            "<merchantAutoBillItemId>i-{new}</merchantAutoBillItemId><startDate>2020-01-01</startDate></addAutoBillItem>"
            "</autoBillItemModifications><dryrun>0</dryrun>"
        ),
        (
            f"{CHANGING}<effectiveDate>nextBill</effectiveDate><autoBillItemModifications><editAutoBillItem>"
            "<index>0</index><quantity>2</quantity></editAutoBillItem></autoBillItemModifications>"
        ),
    ),
    "AutoBill.writeOffInvoice": (f"{BILL}<invoiceId>{{invoice}}</invoiceId>",),
    "AutoBill.finalizeCarrierBilling": (
        "<transactionVid>{carrierBillVid}</transactionVid><confirmationCode>1234</confirmationCode>",
    ),
    "AutoBill.finalizeCustomerAction": ("<transactionVid>{hostedBillVid}</transactionVid>",),
    "AutoBill.finalizePayPalAuth": (
        "<payPalTransactionId>{paypalBillVid}</payPalTransactionId><success>1</success>",
    ),
    "AutoBill.migrate": (
        (
            f"{ORDER.replace('<dryrun>0</dryrun>', '')}<nextPeriodStartDate>2099-01-01T00:00:00Z</nextPeriodStartDate>"
            f"<migrationTransactions>{BILLED}</migrationTransactions>"
        ),
        f"{BILL}<migrationTransactions>{BILLED}</migrationTransactions><cancelReasonCode>103</cancelReasonCode>",
    ),
    "AutoBill.fetchAllInSeason": ("",),
    "AutoBill.fetchAllOffSeason": ("",),
    "AutoBill.fetchFutureRebills": (f"{BILL}<quantity>3</quantity>",),
    "AutoBill.fetchDeltaSince": (WINDOW + PAGE + "<selectEvents>CANCELLATION</selectEvents>",),
    "AutoBill.fetchRemainingPaymentDetails": (BILL,),
    "AutoBill.fetchDailyInvoiceBillings": (
        "<startTimestamp>2024-01-01</startTimestamp><endTimestamp>2030-01-02</endTimestamp>" + PAGE,
    ),
    "AutoBill.cancel": (
        BILL + CANCELLED,
        f"{BILL}<disentitle>0</disentitle><force>0</force>",
    ),
    "AutoBill.settlementQuote": (f"{BILL}<force>1</force><amountOnly>0</amountOnly>",),
    "AutoBill.fetchAllCancelReason": ("",),
    "AutoBill.updateCancelReason": (
        "<cancelReason><reason_code>moved</reason_code><description>Moved {new}</description></cancelReason>",
    ),
    "BillingPlan.update": (f"<billingPlan>{PLAN}</billingPlan>",),
    "BillingPlan.fetchByVid": ("<vid>{planVid}</vid>",),
    "BillingPlan.fetchByMerchantBillingPlanId": ("<merchantBillingPlanId>{plan}</merchantBillingPlanId>",),
    "BillingPlan.fetchByBillingPlanStatus": ("<status>Active</status>",),
    "BillingPlan.fetchAll": (PAGE,),
    "BillingPlan.fetchByMerchantEntitlementId": ("<merchantEntitlementId>silver</merchantEntitlementId>",),
    "BillingPlan.fetchAllInSeason": ("",),
    "BillingPlan.fetchAllOffSeason": ("",),
    "Chargeback.update": (
        f"<chargeback>{CHARGEBACK}<merchantTransactionId>{{transaction}}</merchantTransactionId></chargeback>",
        f"<chargeback>{CHARGEBACK}<merchantTransactionId>t-{{new}}</merchantTransactionId></chargeback>",
        "<chargeback><VID>{chargebackVid}</VID><status>Challenged</status><note/></chargeback>",
    ),
    "Chargeback.report": (
        f"<chargebacks>{CHARGEBACK}</chargebacks><chargebacks><VID>{{chargebackVid}}</VID><amount>4</amount></chargebacks>",
    ),
    "Chargeback.fetchByVid": ("<vid>{chargebackVid}</vid>",),
    "Chargeback.fetchByAccount": (f"{ACCOUNT}<includeChildren>1</includeChildren>",),
    "Chargeback.fetchByCaseNumber": ("<caseNumber>case</caseNumber>",),
    "Chargeback.fetchByReferenceNumber": ("<referenceNumber>reference</referenceNumber>",),
    "Chargeback.fetchByStatus": (f"<status>New</status>{PAGE}",),
    "Chargeback.fetchByStatusSince": (
        f"<status>New</status><timestamp>2020-01-01T00:00:00Z</timestamp>{PAGE}",
    ),
    "Chargeback.fetchByMerchantTransactionId": ("<merchantTransactionId>{disputed}</merchantTransactionId>",),
    "Chargeback.fetchDeltaSince": (WINDOW + PAGE,),
    "Chargeback.fetchDelta": ("<pageSize>10</pageSize>",),
    "Diagnostic.getHello": ("",),
    "Diagnostic.putHello": ("<clientString>hello world</clientString>",),
    "Diagnostic.echoString": ("<clientString>x</clientString>",),
    "Diagnostic.echoStringByProxy": ("<version>22.0</version><clientString>x</clientString>",),
    "Diagnostic.getSomeMockTransactions": ("",),
    "Diagnostic.putSomeMockTransactions": ("<transactions><note>n</note></transactions><extra>x</extra>",),
    "Diagnostic.echoBoolean": ("<clientBoolean>1</clientBoolean>",),
    "Diagnostic.echoDateTime": ("<clientDateTime>2024-01-01</clientDateTime>",),
    "Diagnostic.echoMockActivityFulfillment": (
        "<clientActivityFulfillment><shipper>x</shipper></clientActivityFulfillment>",
    ),
    "Diagnostic.uselessUseOfDiagnosticObject": ("<uselessInput><a_field>x</a_field></uselessInput>",),
    "EmailTemplate.update": (
        f"<template>{TEMPLATE}</template>",
        "<template><vid>{templateVid}</vid><replyTo>desk@example.com</replyTo></template>",
    ),
    "EmailTemplate.fetchByVid": ("<vid>{templateVid}</vid>",),
    "EmailTemplate.fetchByProduct": ("<product><VID>{productVid}</VID></product>",),
    "EmailTemplate.fetchByType": ("<product><VID>{productVid}</VID></product><type>Success</type>",),
    "EmailTemplate.fetchByTypeAndVersion": (
        "<product><VID>{productVid}</VID></product><type>Success</type><version>1.0</version>",
    ),
    "Entitlement.fetchByAccount": (f"{ACCOUNT}<showAll>1</showAll><includeChildren>1</includeChildren>",),
    "Entitlement.fetchByEntitlementIdAndAccount": (
        f"<entitlementId>pass</entitlementId>{ACCOUNT}<showAll>0</showAll>",
    ),
    "Entitlement.fetchDeltaSince": (WINDOW + PAGE,),
    "NameValuePair.fetchNameValueTypes": ("",),
    "NameValuePair.fetchNameValueNames": ("<type>Account</type>",),
    "PaymentMethod.update": (
        f"{CARD}<validate>1</validate>",
        f"{BANK}<validate>1</validate><minChargebackProbability>100</minChargebackProbability>",
        f"{METHOD}{FLAGS}<ignoreAvsPolicy>1</ignoreAvsPolicy>",
        CHEQUE,
        *(f"<paymentMethod>{wallet}</paymentMethod>" for wallet in WALLETS),
    ),
    "PaymentMethod.validate": (CARD, METHOD),
    "PaymentMethod.fetchByVid": ("<vid>{methodVid}</vid>",),
    "PaymentMethod.fetchByMerchantPaymentMethodId": ("<paymentMethodId>{method}</paymentMethodId>",),
    "PaymentMethod.fetchByAccount": (ACCOUNT,),
    "PaymentProvider.fetchByName": ("<name>Test</name>",),
    "PaymentProvider.dataRequest": (PROVIDER_REQUEST,),
    "Product.update": (f"<product>{PRODUCT}</product>",),
    "Product.fetchByVid": ("<vid>{productVid}</vid>",),
    "Product.fetchByMerchantProductId": ("<merchantProductId>{product}</merchantProductId>",),
    "Product.fetchByAccount": (ACCOUNT,),
    "Product.fetchAll": (PAGE,),
    "Product.fetchByMerchantEntitlementId": ("<merchantEntitlementId>silver</merchantEntitlementId>",),
    "RatePlan.update": (
        f"<ratePlan>{RATE_PLAN}</ratePlan><force>0</force>",
        "<ratePlan><VID>{rateVid}</VID><description>More</description></ratePlan><force>1</force>",
    ),
    "RatePlan.fetchByMerchantRatePlanId": ("<merchantRatePlanId>{rate}</merchantRatePlanId>",),
    "RatePlan.fetchByVid": ("<vid>{rateVid}</vid>",),
    "RatePlan.recordEvent": (EVENT, EVENT + EVENT.replace("e-{new}", "f-{new}")),
    "RatePlan.reverseEvent": (
        "<event><merchantEventId>event</merchantEventId></event>",
        "<event><VID>{eventVid}</VID></event>",
    ),
    "RatePlan.deductEvent": (EVENT,),
    "RatePlan.fetchUnbilledRatedUnitsTotal": (USED,),
    "RatePlan.fetchUnbilledEvents": (USED,),
    "RatePlan.fetchEvents": (USED, PAGE),
    "RatePlan.fetchEventById": ("<merchantEventId>event</merchantEventId>",),
    "RatePlan.fetchEventByVid": ("<vid>{eventVid}</vid>",),
    "RatePlan.fetchAll": (PAGE,),
    "Refund.perform": (
        f"<refunds>{REFUND}<refundDistributionStrategy>None</refundDistributionStrategy></refunds>",
        f"<refunds>{ITEM_REFUND}<tokenAction>CancelZeroBalance</tokenAction></refunds>",
        "<refunds><transaction><VID>{soldVid}</VID></transaction><amount>0.01</amount></refunds>" * 2,
    ),
    "Refund.report": (
        f"<refunds>{REFUND}<timestamp>2024-01-01T00:00:00Z</timestamp></refunds>",
        f"<refunds>{ELSEWHERE}<amount>1.00</amount></refunds>",
    ),
    "Refund.fetchByVid": ("<vid>{refundVid}</vid>",),
    "Refund.fetchByAccount": (f"{ACCOUNT}<includeChildren>1</includeChildren>",),
    "Refund.fetchByTransaction": ("<transaction><VID>{soldVid}</VID></transaction>",),
    "Refund.fetchDeltaSince": (WINDOW + METHOD,),
    "SeasonSet.update": (
        (
            "<seasonSet><merchantSeasonSetId>seasons-{new}</merchantSeasonSetId><seasons><description>Ski</description>"
            "<startDate>2024-12-01</startDate><endDate>2025-03-31</endDate></seasons>"
            "<nameValues><name>region</name><value>Alps</value></nameValues></seasonSet>"
        ),
    ),
    "SeasonSet.fetchByVid": ("<vid>{seasonsVid}</vid>",),
    "SeasonSet.fetchByMerchantSeasonSetId": ("<merchantSeasonSetId>always</merchantSeasonSetId>",),
    "SeasonSet.fetchAll": (PAGE,),
    "SeasonSet.fetchAllInSeason": (f"{PAGE}<nowDate>2024-12-01</nowDate>",),
    "SeasonSet.fetchAllOffSeason": (f"{PAGE}<nowDate>2024-12-01</nowDate>",),
    "SeasonSet.isInSeason": (SEASONS,),
    "SeasonSet.fetchCurrentSeason": (SEASONS,),
    "SeasonSet.fetchNextSeason": (SEASONS,),
    "Transaction.addressAndSalesTaxFromPayPalOrder": (
        "<payPalTransactionId>{paypalVid}</payPalTransactionId>",
    ),
    "Transaction.auth": (SALE, BARE_SALE, CHALLENGED_SALE, f"{SALE}<dryrun>1</dryrun>"),
    "Transaction.authCapture": (SALE, BARE_SALE, f"{SALE}<ignoreAvsPolicy>1</ignoreAvsPolicy>"),
    "Transaction.calculateSalesTax": (f"<transaction>{BUY}</transaction>",),
    "Transaction.cancel": (
        "<transactions><VID>{authorizedVid}</VID></transactions>",
        "<transactions><merchantTransactionId>{transaction}</merchantTransactionId></transactions>" * 2,
    ),
    "Transaction.capture": (
        "<transactions><VID>{authorizedVid}</VID></transactions>",
        "<transactions><merchantTransactionId>{transaction}</merchantTransactionId></transactions>" * 2,
    ),
    "Transaction.report": (f"<transactions>{BUY}{TOLD}</transactions>",),
    "Transaction.migrate": (f"<migrationTransactions>{MIGRATED}</migrationTransactions>",),
    "Transaction.score": (
        f"<transaction>{BUY}</transaction>",
        f"<transaction>{BUY}</transaction>".replace("<account>4111111111111111</account>", HASHED),
    ),
    "Transaction.fetchDelta": ("<pageSize>10</pageSize>",),
    "Transaction.fetchDeltaSince": (WINDOW + PAGE + METHOD,),
    "Transaction.finalizeCarrierBilling": (
        "<transactionVid>{carrierVid}</transactionVid><confirmationCode>1234</confirmationCode>",
    ),
    "Transaction.finalizeCustomerAction": ("<transactionVid>{hostedVid}</transactionVid>",),
    "Transaction.finalizePayPalAuth": (
        "<payPalTransactionId>{paypalVid}</payPalTransactionId><success>1</success>",
    ),
    "Transaction.fetchByVid": ("<vid>{transactionVid}</vid>",),
    "Transaction.fetchByMerchantTransactionId": (
        "<merchantTransactionId>{transaction}</merchantTransactionId>",
    ),
    "Transaction.fetchByAccount": (f"{ACCOUNT}<includeChildren>1</includeChildren>{PAGE}",),
    "Transaction.fetchByAutobill": (BILL,),
    "Transaction.fetchByPaymentMethod": (METHOD + PAGE,),
}

REFUSED: dict[str, tuple[int, str]] = {
    "PaymentProvider.dataRequest": (400, "PaymentProvider BOKU not supported"),
}
"""Operations that no request succeeds with, and what they answer to a sound one."""
