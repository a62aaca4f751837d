"""What is sold: products, bundles, billing plans, season sets, rate plans."""
