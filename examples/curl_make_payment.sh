#!/bin/sh
# Pay the oldest unpaid invoice of an AutoBill, with curl alone.
#
#   examples/curl_make_payment.sh MERCHANT_AUTOBILL_ID AMOUNT [BASE_URL [LOGIN PASSWORD]]
set -eu
autobill=${1:?merchantAutoBillId}
amount=${2:?amount}
base=${3:-http://127.0.0.1:8080}
login=${4:-sandbox}
password=${5:-sandbox}
payment="curl-$(date +%s)-$$"

curl --silent --show-error --fail-with-body \
  --header 'Content-Type: text/xml; charset=utf-8' \
  --header 'SOAPAction: "http://soap.vindicia.com/v22_0/AutoBill#makePayment"' \
  --data-binary @- "$base/soap.pl" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"
              xmlns:tns="http://soap.vindicia.com/v22_0/AutoBill">
 <env:Body>
  <tns:makePayment>
   <auth><version>22.0</version><login>$login</login><password>$password</password></auth>
   <srd>{"transaction":["amount","currency",{"statusLog":["status"]}],"summary":""}</srd>
   <autobill><merchantAutoBillId>$autobill</merchantAutoBillId></autobill>
   <paymentMethod>
    <type>MerchantAcceptedPayment</type>
    <merchantAcceptedPayment><paymentType>Cash</paymentType><paymentId>$payment</paymentId></merchantAcceptedPayment>
    <merchantPaymentMethodId>$payment</merchantPaymentMethodId>
   </paymentMethod>
   <amount>$amount</amount>
   <overageDisposition>applyToOldestInvoice</overageDisposition>
   <note>paid at the counter</note>
  </tns:makePayment>
 </env:Body>
</env:Envelope>
XML
echo
