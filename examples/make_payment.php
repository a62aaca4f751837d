<?php
// Pay the oldest unpaid invoice of an AutoBill with PHP's SoapClient.
//
//   php examples/make_payment.php MERCHANT_AUTOBILL_ID AMOUNT [BASE_URL [LOGIN PASSWORD]]

[$autobill, $amount] = [$argv[1] ?? exit("merchantAutoBillId?\n"), $argv[2] ?? exit("amount?\n")];
$base = $argv[3] ?? 'http://127.0.0.1:8080';
$auth = ['version' => '22.0', 'login' => $argv[4] ?? 'sandbox', 'password' => $argv[5] ?? 'sandbox'];
$payment = 'php-' . uniqid();

$client = new SoapClient("$base/22.0/AutoBill.wsdl", ['exceptions' => true]);
$answer = $client->makePayment([
    'auth' => $auth,
    'srd' => '',
    'autobill' => ['merchantAutoBillId' => $autobill],
    'paymentMethod' => [
        'type' => 'MerchantAcceptedPayment',
        'merchantAcceptedPayment' => ['paymentType' => 'Cash', 'paymentId' => $payment],
        'merchantPaymentMethodId' => $payment,
    ],
    'amount' => $amount,
    'overageDisposition' => 'applytoOldestInvoice',
    'note' => 'paid at the counter',
]);

$return = $answer->return;
echo "$return->returnCode $return->returnString\n";
if ((int) $return->returnCode === 200) {
    $transaction = $answer->transaction;
    echo "$answer->summary: $transaction->amount $transaction->currency as $transaction->merchantTransactionId\n";
}
