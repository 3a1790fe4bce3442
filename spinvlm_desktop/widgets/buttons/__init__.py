"""Buttons that do more than Qt's."""
