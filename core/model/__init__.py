"""The model: encoder, attention, decoder, and what may be done to its heads."""
