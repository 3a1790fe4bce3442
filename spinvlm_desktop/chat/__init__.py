"""Questions and answers, and what decides about head suppression."""
