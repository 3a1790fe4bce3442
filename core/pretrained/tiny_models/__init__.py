"""Tiny random models, made in an instant, to try whether everything works where the program is installed."""
