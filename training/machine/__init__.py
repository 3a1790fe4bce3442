"""Processes, memory, allocator."""
