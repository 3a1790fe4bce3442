"""A rule per kind of question."""
