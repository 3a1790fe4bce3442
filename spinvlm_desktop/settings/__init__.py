"""What the user has chosen to keep, the file it is kept in, and the dialog."""
