"""Usage of rated products: reported, rated, told."""
