"""Photos sorted into classes, which become a question that the model answers."""
