"""Reports of measurements, shown."""
