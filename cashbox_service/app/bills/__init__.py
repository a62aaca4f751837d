"""What is owed and why: invoices shown and explained, documents of accounts without AutoBills."""
