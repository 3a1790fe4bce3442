"""Photos, features and token ids as batches."""
