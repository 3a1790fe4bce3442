"""How likely a model's answers are right, and what that is worth."""
