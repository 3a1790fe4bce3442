"""What the chat shows: turns, suggestions, field."""
