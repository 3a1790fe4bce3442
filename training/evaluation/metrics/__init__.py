"""Figures of merit, from texts alone."""
