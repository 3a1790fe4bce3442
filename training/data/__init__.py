"""What a folder of captioned photos holds."""
