"""Teach a vision transformer from convolutional networks' feature maps, on photos that need no labels."""
