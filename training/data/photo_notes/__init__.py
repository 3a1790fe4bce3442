"""What a person says of photos, and the files that hold it."""
