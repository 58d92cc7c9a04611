"""Phone calls: taking them in, what is said, passing them on, and what comes of them."""
