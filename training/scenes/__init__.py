"""Generated pictures whose truth is known exactly."""
