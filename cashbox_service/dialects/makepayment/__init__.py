"""MakePayment (api/v1): a payment taken outside, for orders, proformas and invoices of a customer (dialects §2)."""
