"""What a training is to be."""
