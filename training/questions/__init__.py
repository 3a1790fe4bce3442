"""Captions turned into question-answer pairs."""
