"""Photos: read, converted, encoded."""
