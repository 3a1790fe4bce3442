"""Text in and out of a pretrained model: the conversation as token ids, and an answer's tokens as text."""
