"""Question marks, and what they lead to."""
