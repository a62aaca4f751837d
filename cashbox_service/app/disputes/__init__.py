"""Money that goes back: refunds and chargebacks."""
