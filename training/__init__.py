"""From captioned photos to a trained model file."""
