"""Campaigns and their codes: made, handed out, redeemed, reckoned."""
