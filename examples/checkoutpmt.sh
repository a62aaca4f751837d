#!/bin/sh
# A checkout and its payment in cash, with curl.
#
#   examples/checkoutpmt.sh KEY CHECKOUT_ID AMOUNT [BASE_URL]
set -eu
key=${1:?key}
checkout=${2:?checkout}
amount=${3:?amount}
root=${4:-http://127.0.0.1:8080}/fscmRestApi/resources/11.13.18.05

curl --silent --show-error --fail-with-body "$root/publicSectorCheckouts" \
  --header "Authorization: Bearer $key" --header 'Content-Type: application/json' \
  --data "{\"CheckoutId\":\"$checkout\",\"Amount\":$amount}"
echo
curl --silent --show-error --fail-with-body "$root/publicSectorCheckouts/$checkout/child/CheckoutPmt" \
  --header "Authorization: Bearer $key" --header 'Content-Type: application/json' \
  --header 'Upsert-Mode: false' \
  --data '{"PaymentMethodCode":"CASH"}'
echo
