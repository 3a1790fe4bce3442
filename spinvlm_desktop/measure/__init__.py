"""The tab that measures head suppression."""
