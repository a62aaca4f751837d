"""Checkout payments of the public sector, as a REST resource with links (dialects §4)."""
