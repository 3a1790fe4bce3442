"""One model measured under many settings."""
