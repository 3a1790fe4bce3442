"""Learns class questions: a linear head on the encoder's features, and how far it can be trusted."""
