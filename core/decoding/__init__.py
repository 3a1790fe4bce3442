"""From next-token scores to an answer."""
