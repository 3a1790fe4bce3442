"""The parts of the window: what is said of the photo on show."""
