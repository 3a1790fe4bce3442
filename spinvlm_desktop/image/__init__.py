"""The photo: opened, shown, queued, and with the heat map over it."""
