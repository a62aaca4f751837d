#!/bin/sh
# The CheckOut function with curl and openssl: a new client pays 50.24.
#
#   examples/checkout.sh KEY SECRET [BASE_URL]
set -eu
key=${1:?key}
secret=${2:?secret}
base=${3:-http://127.0.0.1:8080}
timestamp=$(date -u '+%Y%m%d %H:%M')
sig=$(printf '%sCheckOut%s' "$key" "$timestamp" | openssl dgst -sha256 -hmac "$secret" | sed 's/.* //')

curl --silent --show-error --fail-with-body "$base/checkout" \
  --data-urlencode 'Service=CheckOut' \
  --data-urlencode "apikey=$key" \
  --data-urlencode "sig=$sig" \
  --data-urlencode "timestamp=$timestamp" \
  --data-urlencode 'object={"FirstName":"Ada","LastName":"Reader","CCNumber":"4111111111111111","CCExp":"1238","AmountPaid":"50.24"}'
echo
