"""How the program starts, and its window."""
