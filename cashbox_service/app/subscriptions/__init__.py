"""AutoBills as merchants handle them: made, changed, moved, cancelled, found."""
