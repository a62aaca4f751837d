"""Mail to customers and operators: templates, letters made of notices, and sending them."""
