"""What customers pay with: payment methods stored, checked, found, chosen."""
