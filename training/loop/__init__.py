"""A training run, its stages and steps."""
