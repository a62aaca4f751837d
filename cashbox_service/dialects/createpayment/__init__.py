"""CreatePayment: payments on collection attempts (dialects §3)."""
