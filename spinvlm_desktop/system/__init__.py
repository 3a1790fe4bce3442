"""Folders, logs, processes: what the operating system is asked for."""
