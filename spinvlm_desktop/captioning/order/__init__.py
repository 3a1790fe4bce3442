"""Which photo comes next, and which look alike. No Qt."""
