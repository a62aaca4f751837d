"""The billing engine: what a moving clock does to AutoBills, and what it will do."""
