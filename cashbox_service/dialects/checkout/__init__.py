"""The CheckOut function: a client, an invoice, a fee and a payment in one call (dialects §1)."""
