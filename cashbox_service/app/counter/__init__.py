"""Payments for callers that are no CashBox clients: the use cases below the four dialects."""
