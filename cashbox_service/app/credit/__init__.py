"""Credit of all kinds: currency, time, tokens, gift cards."""
