"""Which model files there are, and what one says of itself."""
