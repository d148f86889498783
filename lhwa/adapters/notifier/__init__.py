"""Ways to tell people that something needs them."""
