"""A run: its settings, its folder, its events. No torch."""
