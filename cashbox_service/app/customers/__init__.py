"""Customers: their accounts, addresses, families, rights granted by hand, and what they did."""
