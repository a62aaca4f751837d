<?php
// A merchant's wrapper of 2012: one class per CashBox type, mapped by SoapClient, and one call per operation.
//
// A program is run with BASE_URL LOGIN PASSWORD VERSION and prints what it got as JSON.

class Authentication { public $version, $login, $password, $evid, $userAgent; }
class Account { public $VID, $merchantAccountId, $emailAddress, $company, $name, $paymentMethods, $nameValues, $warnBeforeAutobilling; }
class Address { public $name, $addr1, $city, $district, $postalCode, $country; }
class PaymentMethod {
    public $VID, $type, $creditCard, $merchantAcceptedPayment, $nameValues, $accountHolderName, $billingAddress,
        $merchantPaymentMethodId, $active;
}
class CreditCard { public $account, $expirationDate; }
class MerchantAcceptedPayment { public $amount, $currency, $timestamp, $paymentType, $paymentId, $note; }
class NameValuePair {
    public $name, $value;
    public function __construct($name = null, $value = null) { $this->name = $name; $this->value = $value; }
}
class Product {
    public $VID, $merchantProductId, $descriptions, $description, $status, $endOfLifeTimestamp, $nameValues, $prices;
}
class ProductDescription { public $language, $description; }
class ProductPrice { public $amount, $currency; }
class BillingPlan { public $VID, $merchantBillingPlanId, $description, $periods, $nameValues, $merchantEntitlementIds; }
class BillingPlanPeriod { public $type, $quantity, $cycles, $prices, $free; }
class BillingPlanPrice { public $amount, $currency; }
class AutoBill {
    public $VID, $merchantAutoBillId, $account, $billingPlan, $paymentMethod, $product, $currency, $customerAutoBillName, $status,
        $billingState, $startTimestamp, $items, $nextBilling, $nameValues;
}
class AutoBillItem { public $index, $product, $quantity, $nameValues; }
class Transaction { public $VID, $amount, $currency, $timestamp, $statusLog, $transactionItems; }

const TYPES = [
    'Authentication', 'Account', 'Address', 'PaymentMethod', 'CreditCard', 'MerchantAcceptedPayment', 'NameValuePair',
    'Product', 'ProductDescription', 'ProductPrice', 'BillingPlan', 'BillingPlanPeriod', 'BillingPlanPrice', 'AutoBill',
    'AutoBillItem', 'Transaction',
];

#[AllowDynamicProperties]
class CashBox
{
    private $clients = [];

    public function __construct(private $base, private $login, private $password, private $version) {}

    public function client($service)
    {
        return $this->clients[$service] ??= new SoapClient("$this->base/$this->version/$service.wsdl", [
            'classmap' => array_combine(TYPES, TYPES),
            'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
            'compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP,
            'trace' => true,
            'exceptions' => true,
            'cache_wsdl' => WSDL_CACHE_NONE,
        ]);
    }

    public function call($service, $operation, array $parameters = [])
    {
        $auth = new Authentication();
        [$auth->version, $auth->login, $auth->password] = [$this->version, $this->login, $this->password];
        $leading = ['auth' => $auth] + ((float) $this->version >= 9 ? ['srd' => ''] : []);
        return $this->client($service)->__soapCall($operation, [$leading + $parameters]);
    }
}

function made($class, array $fields)
{
    $object = new $class();
    foreach ($fields as $name => $value) {
        $object->$name = $value;
    }
    return $object;
}

function pairs($object)
{
    return array_map(fn ($pair) => [$pair->name, $pair->value], $object->nameValues ?? []);
}

function show(array $seen)
{
    echo json_encode($seen, JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}
