"""Understands a question before any model sees it: its kind, its form and whether it can be answered. No torch."""
