"""Captions parsed, and the words that the rules know."""
