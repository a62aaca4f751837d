<?php
// The life of a subscription by the documents of 22.0, with mapped classes.

require __DIR__ . '/cashbox.php';

[, $base, $login, $password] = $argv;
$cashbox = new CashBox($base, $login, $password, '22.0');
$seen = ['client' => 'PHP ' . PHP_VERSION];

$answer = $cashbox->call('Product', 'update', ['product' => made('Product', [
    'merchantProductId' => 'magazine',
    'descriptions' => [made('ProductDescription', ['language' => 'DE', 'description' => 'Zeitschrift für Gärtner – 月刊'])],
    'endOfLifeTimestamp' => '2031-12-31T23:59:59-08:00',
    'nameValues' => [new NameValuePair('shelf', 'north')],
    'prices' => [made('ProductPrice', ['amount' => 10.0, 'currency' => 'USD'])],
])]);
$product = $answer->product;
$seen['product'] = [
    'code' => $answer->return->returnCode,
    'created' => $answer->created,
    'description' => $product->descriptions[0]->description,
    'end' => $product->endOfLifeTimestamp,
    'price' => $product->prices[0]->amount,
    'names' => pairs($product),
];

$answer = $cashbox->call('BillingPlan', 'update', ['billingPlan' => made('BillingPlan', [
    'merchantBillingPlanId' => 'monthly',
    'description' => 'Monthly',
    'periods' => [made('BillingPlanPeriod', ['type' => 'Month', 'quantity' => 1, 'cycles' => 0, 'free' => false, 'prices' => []])],
    'nameValues' => [new NameValuePair('a', '1'), new NameValuePair('b', '<&>')],
    'merchantEntitlementIds' => [],
])]);
$period = $answer->billingPlan->periods[0];
$seen['plan'] = [
    'code' => $answer->return->returnCode,
    'period' => [$period->type, $period->quantity, $period->cycles, $period->free],
    'names' => pairs($answer->billingPlan),
    'entitlements' => $answer->billingPlan->merchantEntitlementIds ?? [],
];

$answer = $cashbox->call('Account', 'update', ['account' => made('Account', [
    'merchantAccountId' => 'ada',
    'name' => 'Ádá Łovelace 東京 €',
    'emailAddress' => 'ada@example.org',
    'company' => null,
    'warnBeforeAutobilling' => true,
    'nameValues' => [new NameValuePair('tier', 'gold')],
    'paymentMethods' => [made('PaymentMethod', [
        'type' => 'CreditCard',
        'merchantPaymentMethodId' => 'card',
        'accountHolderName' => 'Ádá Łovelace',
        'active' => true,
        'creditCard' => made('CreditCard', ['account' => '4111111111111111', 'expirationDate' => '203812']),
        'billingAddress' => made('Address', ['addr1' => '1 Straße', 'city' => 'Köln', 'postalCode' => '50667', 'country' => 'DE']),
        'nameValues' => [new NameValuePair('CVN', '123')],
    ])],
])]);
$created = $answer->created;
$account = $answer->account;
[$method] = $account->paymentMethods;
$seen['account'] = [
    'code' => $answer->return->returnCode,
    'created' => $answer->created,
    'name' => $account->name,
    'company' => $account->company,
    'warned' => $account->warnBeforeAutobilling,
    'names' => pairs($account),
    'card' => [$method->type, $method->creditCard->account, $method->billingAddress->city, $method->active],
];

$subscribe = fn ($id, $method) => $cashbox->call('AutoBill', 'update', [
    'autobill' => made('AutoBill', [
        'merchantAutoBillId' => $id,
        'account' => made('Account', ['VID' => $account->VID]),
        'billingPlan' => made('BillingPlan', ['merchantBillingPlanId' => 'monthly']),
        'paymentMethod' => $method,
        'currency' => 'USD',
        'items' => [made('AutoBillItem', ['index' => 0, 'product' => made('Product', ['merchantProductId' => 'magazine'])])],
    ]),
    'immediateAuthFailurePolicy' => 'doNotSaveAutoBill',
    'validateForFuturePayment' => true,
    'minChargebackProbability' => 100,
    'ignoreAvsPolicy' => null,
    'ignoreCvnPolicy' => true,
    'campaignCode' => null,
    'dryrun' => false,
]);
$card = made('PaymentMethod', ['VID' => $method->VID]);
$answer = $subscribe('by-card', $card);
$first = $answer->initialTransaction;
$seen['by card'] = [
    'code' => $answer->return->returnCode,
    'status' => [$answer->autobill->status, $answer->autobill->billingState, $answer->authStatus->status],
    'items' => count($answer->autobill->items),
    'next' => $answer->autobill->nextBilling->amount,
    'amount' => $first->amount,
    'cycle' => $first->autoBillCycle,
    'log' => array_map(fn ($entry) => $entry->status, $first->statusLog),
    'names' => count($first->nameValues),
];

$subscribe('by-invoice', made('PaymentMethod', [
    'type' => 'MerchantAcceptedPayment',
    'merchantPaymentMethodId' => 'invoice',
    'merchantAcceptedPayment' => made('MerchantAcceptedPayment', ['paymentType' => 'Cheque']),
]));
$autobill = made('AutoBill', ['merchantAutoBillId' => 'by-invoice']);
$numbers = fn ($state) => $cashbox->call('AutoBill', 'fetchInvoiceNumbers', [
    'autobill' => $autobill, 'invoicestate' => $state,
])->invoicenum ?? [];
$seen['invoices'] = [$numbers('Due'), $numbers('Written Off')];

$pay = function ($method, $amount) use ($cashbox, $autobill) {
    $answer = $cashbox->call('AutoBill', 'makePayment', [
        'autobill' => $autobill,
        'paymentMethod' => $method,
        'amount' => $amount,
        'currency' => 'USD',
        'invoiceId' => null,
        'overageDisposition' => 'applytoOldestInvoice',
        'usePaymentMethodForFutureBilling' => false,
        'note' => 'bezahlt – schön',
    ]);
    return [
        $answer->return->returnCode, $answer->summary, $answer->transaction->amount, $answer->transaction->note,
        $answer->transaction->statusLog[0]->status,
    ];
};
$seen['paid'] = [$pay($card, '4.00'), $pay(made('PaymentMethod', [
    'type' => 'MerchantAcceptedPayment',
    'merchantPaymentMethodId' => 'cheque-7',
    'merchantAcceptedPayment' => made('MerchantAcceptedPayment', [
        'paymentType' => 'Cheque', 'paymentId' => '7', 'timestamp' => date(DATE_ATOM), 'note' => 'Scheck',
    ]),
]), 6.0)];
$seen['left'] = $numbers('Due');

$fetch = fn ($service, $whose) => $cashbox->call($service, 'fetchByAccount', [
    'account' => made('Account', ['merchantAccountId' => $whose]), 'includeChildren' => false, 'page' => 0, 'pageSize' => 10,
]);
$seen['autobills'] = array_map(fn ($each) => $each->merchantAutoBillId, $fetch('AutoBill', 'ada')->autobills);
$seen['transactions'] = array_map(fn ($each) => $each->amount, $fetch('Transaction', 'ada')->transactions);

// What was fetched is changed and sent back whole, as wrappers do.
$again = $cashbox->call('Account', 'fetchByMerchantAccountId', ['merchantAccountId' => 'ada'])->account;
$again->name = 'Ada Ö';
$renamed = $cashbox->call('Account', 'update', ['account' => $again]);
$bill = $cashbox->call('AutoBill', 'fetchByMerchantAutoBillId', ['merchantAutoBillId' => 'by-card'])->autobill;
$bill->customerAutoBillName = 'Größe';
$changed = $cashbox->call('AutoBill', 'update', ['autobill' => $bill, 'minChargebackProbability' => 100]);
$seen['sent back'] = [
    $renamed->return->returnCode, $renamed->created, $renamed->account->name, pairs($renamed->account),
    $changed->return->returnCode, $changed->autobill->customerAutoBillName, count($changed->autobill->items),
];

$stranger = new CashBox($base, $login, 'wrong', '22.0');
$refused = $stranger->call('Account', 'fetchByMerchantAccountId', ['merchantAccountId' => 'ada']);
$unknown = $cashbox->call('Account', 'fetchByMerchantAccountId', ['merchantAccountId' => 'nobody']);
$seen['refused'] = [
    [$refused->return->returnCode, $refused->return->returnString, isset($refused->account)],
    [$unknown->return->returnCode, $unknown->return->returnString, isset($unknown->account)],
];

$odd = new SoapClient(null, ['location' => "$base/soap.pl", 'uri' => 'http://soap.vindicia.com/v22_0/Account']);
try {
    $odd->__soapCall('noSuchOperation', []);
} catch (SoapFault $fault) {
    $seen['fault'] = [get_class($fault), $fault->faultcode, $fault->faultstring];
}

$seen['kinds'] = array_map('get_debug_type', [
    'returnCode' => $unknown->return->returnCode,
    'created' => $created,
    'amount' => $first->amount,
    'cycle' => $first->autoBillCycle,
    'timestamp' => $first->timestamp,
    'nameValues' => $account->nameValues,
    'account' => $account,
]);
show($seen);
