"""What was said of photos: records, and how they are kept and handed on. No Qt."""
