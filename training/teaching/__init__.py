"""A quick run that teaches a model what a person says of a few photos, without forgetting what it knew."""
