"""A folder of captioned photos: chosen, looked over by a process of its own, and shown."""
