"""A measurement's captions, photo by photo."""
