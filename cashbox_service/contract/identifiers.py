"""Which fields and parameters hold identifiers.

White space around an identifier means nothing, and an empty one is an absent one; free text is kept as sent.
Source: spec conventions §2.3, §4.1, §5.3.
"""

from __future__ import annotations

_VIDS = {
    "VID", "vid", "accountVID", "accountVid", "autoBillItemVid", "autoBillVID", "autoBillVid", "autobillItemVid",
    "autobillVID", "autobillVid", "productVID", "productVid", "ratePlanVid", "transactionVid",
    "transitionedFromAutoBillItemVid", "transitionedToAutoBillItemVid", "upgradedFromVid", "upgradedToVid",
}  # fmt: skip

_MERCHANT_IDS = {
    "externalId", "id", "merchantAccountId", "merchantAutoBillId", "merchantAutoBillItemId",
    "merchantBillingPlanId", "merchantEntitlementId", "merchantEventId", "merchantPaymentMethodId",
    "merchantProductId", "merchantRatePlanId", "merchantRefundId", "merchantSeasonSetId", "merchantTokenId",
    "merchantTransactionId", "merchantUserId", "originalMerchantTransactionId", "parentMerchantAccountId",
    "previousMerchantTransactionId", "transitionedFromMerchantAutoBillItemId",
    "transitionedToMerchantAutoBillItemId",
}  # fmt: skip

_NUMBERS_OF_THE_SERVICE = {
    "billingPlanCampaignId", "campaignId", "entitlementId", "exemptionId", "invoiceId", "newCampaignId",
    "paymentId", "paymentMethodId", "refundId", "soapId", "statementTemplateId",
}  # fmt: skip

_FOREIGN_IDS = {
    "FinancialAccountId", "PaymentChannelId", "billingAgreementId", "carrierId", "payPalTransactionId", "payerId",
    "paymentProcessorTransactionId", "processorPaymentMethodId", "referenceId",
}  # fmt: skip

IDENTIFIERS = frozenset(_VIDS | _MERCHANT_IDS | _NUMBERS_OF_THE_SERVICE | _FOREIGN_IDS)
"""Names of all fields and parameters that are identifiers, over every known contract."""
