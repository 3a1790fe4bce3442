"""Answers as words, JSON and bytes."""
