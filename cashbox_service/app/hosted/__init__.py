"""Orders that a customer's browser completes."""
