"""Measurements as documents, tables and pictures."""
