"""Rules that turn an image's captions into question-answer pairs, a file a kind of question."""
