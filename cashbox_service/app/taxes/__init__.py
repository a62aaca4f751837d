"""Sales tax: reckoned for whatever is sold, from tables that operators load."""
