"""One-time sales and every other transaction: made, recorded, brought from elsewhere, read."""
