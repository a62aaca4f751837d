#!/bin/sh
# MakePayment with curl, in XML: the oldest unpaid invoices of a customer are paid, the rest becomes credit.
#
#   examples/makepayment.sh KEY ACCOUNT_NO AMOUNT [BASE_URL]
set -eu
key=${1:?key}
account=${2:?account}
amount=${3:?amount}
base=${4:-http://127.0.0.1:8080}

curl --silent --show-error --fail-with-body "$base/api/v1/MakePayment" \
  --header 'Content-Type: application/xml' \
  --data-binary @- <<XML
<MakePaymentParams>
  <apiKey>$key</apiKey>
  <AccountNo>$account</AccountNo>
  <PaymentTypeID>1</PaymentTypeID>
  <Amount>$amount</Amount>
  <TransactionID>curl-$(date +%s)-$$</TransactionID>
</MakePaymentParams>
XML
echo
