"""A training under way."""
