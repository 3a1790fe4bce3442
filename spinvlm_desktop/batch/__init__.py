"""One question about all photos of a folder."""
