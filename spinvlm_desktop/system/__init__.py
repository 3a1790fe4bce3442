"""Folders, logs, processes: what the operating system provides."""
