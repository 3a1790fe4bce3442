"""The commands that train, measure and make data."""
