<?php
// SoapClient without documents: only an address and a namespace, once with objects, once with arrays with keys.

[, $base, $login, $password] = $argv;

function call($service, $operation, array $parameters)
{
    global $base;
    $client = new SoapClient(null, ['location' => "$base/soap.pl", 'uri' => "http://soap.vindicia.com/v22_0/$service"]);
    $given = [];
    foreach ($parameters as $name => $value) {
        $given[] = new SoapParam($value, $name);
    }
    return $client->__soapCall($operation, $given);
}

function object($fields)
{
    return (object) $fields;
}

$auth = ['version' => '22.0', 'login' => $login, 'password' => $password];
$one = ['name' => 'tier', 'value' => 'gold'];
$two = ['name' => 'größe', 'value' => 'ü'];
$seen = ['client' => 'PHP ' . PHP_VERSION];

$answer = call('Account', 'update', ['auth' => object($auth), 'srd' => null, 'account' => object([
    'merchantAccountId' => 'of objects',
    'name' => 'Jürgen 東京',
    'warnBeforeAutobilling' => true,
    'company' => null,
    'paymentMethods' => [],
    'nameValues' => [object($one), object($two)],
])]);
$seen['objects'] = [
    $answer['return']->returnCode, $answer['created'], $answer['account']->name, $answer['account']->warnBeforeAutobilling,
    array_map(fn ($pair) => [$pair->name, $pair->value], $answer['account']->nameValues),
];

$answer = call('Account', 'update', ['auth' => $auth, 'srd' => '', 'account' => [
    'merchantAccountId' => 'of arrays',
    'name' => 'Jürgen 東京',
    'warnBeforeAutobilling' => false,
    'shippingAddress' => ['city' => 'Köln', 'country' => 'DE'],
    'nameValues' => [$one],
]]);
$seen['arrays'] = [
    $answer['return']->returnCode, $answer['account']->name, $answer['account']->warnBeforeAutobilling,
    $answer['account']->shippingAddress->city, $answer['account']->nameValues->value,
];

$answer = call('Product', 'update', ['auth' => $auth, 'srd' => '', 'product' => [
    'merchantProductId' => 'magazine', 'prices' => [['amount' => 9.5, 'currency' => 'USD']],
]]);
$seen['price'] = $answer['product']->prices->amount;

$seen['refused'] = call('Account', 'fetchByMerchantAccountId', [
    'auth' => object(['password' => 'wrong'] + $auth), 'srd' => '', 'merchantAccountId' => 'of objects',
])->returnCode;
try {
    call('Account', 'noSuchOperation', ['auth' => $auth]);
} catch (SoapFault $fault) {
    $seen['fault'] = [get_class($fault), $fault->faultcode, $fault->getMessage()];
}
echo json_encode($seen, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
