"""The model's thread, and the window's end of it."""
