"""What is kept on disk, each file written whole or not at all."""
