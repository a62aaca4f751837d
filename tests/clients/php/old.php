<?php
// A shop of 2010 by the documents of 3.6: no sparse response descriptions, one product an AutoBill.

require __DIR__ . '/cashbox.php';

[, $base, $login, $password] = $argv;
$cashbox = new CashBox($base, $login, $password, '3.6');
$seen = ['client' => 'PHP ' . PHP_VERSION];

$cashbox->call('Product', 'update', ['product' => made('Product', [
    'merchantProductId' => 'magazine', 'description' => 'Zeitschrift', 'status' => 'Active',
]), 'duplicateBehavior' => 'Fail']);
$cashbox->call('BillingPlan', 'update', ['billingPlan' => made('BillingPlan', [
    'merchantBillingPlanId' => 'monthly',
    'description' => 'Monthly',
    'status' => 'Active',
    'periods' => [made('BillingPlanPeriod', [
        'type' => 'Month', 'quantity' => 1, 'cycles' => 0, 'free' => false,
        'prices' => [made('BillingPlanPrice', ['amount' => '7.50', 'currency' => 'EUR'])],
    ])],
]), 'duplicateBehavior' => 'Fail']);
$answer = $cashbox->call('AutoBill', 'update', [
    'autobill' => made('AutoBill', [
        'merchantAutoBillId' => 'old',
        'account' => made('Account', [
            'merchantAccountId' => 'ada', 'name' => 'Ádá', 'nameValues' => [new NameValuePair('tier', 'gold')],
        ]),
        'product' => made('Product', ['merchantProductId' => 'magazine']),
        'billingPlan' => made('BillingPlan', ['merchantBillingPlanId' => 'monthly']),
        'paymentMethod' => made('PaymentMethod', [
            'type' => 'CreditCard',
            'merchantPaymentMethodId' => 'card',
            'creditCard' => made('CreditCard', ['account' => '4111111111111111', 'expirationDate' => '203812']),
        ]),
        'currency' => 'EUR',
    ]),
    'duplicateBehavior' => 'Fail',
    'validatePaymentMethod' => false,
    'minChargebackProbability' => 100,
]);
$autobill = $answer->autobill;
$seen['bought'] = [
    $answer->return->returnCode, $answer->created, $autobill->status, $autobill->product->description,
    $answer->firstBillAmount, $answer->firstBillingCurrency, $answer->firstBillDate === substr($autobill->startTimestamp, 0, 10),
];
$whose = ['account' => made('Account', ['merchantAccountId' => 'ada'])];
$answer = $cashbox->call('Transaction', 'fetchByAccount', $whose);
$seen['transactions'] = array_map(fn ($each) => [get_class($each), $each->amount, $each->statusLog[0]->status], $answer->transactions);
$answer = $cashbox->call('AutoBill', 'fetchByAccount', $whose);
$seen['autobills'] = array_map(fn ($each) => $each->merchantAutoBillId, $answer->autobills);
$answer = $cashbox->call('AutoBill', 'fetchByMerchantAutoBillId', ['merchantAutoBillId' => 'nothing']);
$seen['unknown'] = [$answer->return->returnCode, $answer->return->returnString];
show($seen);
