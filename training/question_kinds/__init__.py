"""Trains and measures the classifier of question kinds: `python -m training.question_kinds`."""
