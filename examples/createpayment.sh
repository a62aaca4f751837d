#!/bin/sh
# CreatePayment with curl, in JSV: pay a collection attempt by a sandbox card.
#
#   examples/createpayment.sh KEY ATTEMPT_ID AMOUNT [BASE_URL]
set -eu
key=${1:?key}
attempt=${2:?attempt}
amount=${3:?amount}
base=${4:-http://127.0.0.1:8080}

curl --silent --show-error --fail-with-body "$base/collectionattempts/$attempt/payments.jsv" \
  --header "X-Api-Key: $key" \
  --header 'Content-Type: text/jsv' \
  --data-binary "{
    paymentToken:sbx-4111111111111111,
    paymentAmount:$amount,
    payor:{firstName:Ada,lastName:Reader},
    cardType:visa,
    lastFour:1111,
    fingerprint:e3cef43464fc832f6e04f187df25af497994,
    isFeePayment:False
  }"
echo
