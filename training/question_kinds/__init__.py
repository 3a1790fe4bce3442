"""Tunes and measures the encoder that tells kinds of questions: `python -m training.question_kinds`."""
