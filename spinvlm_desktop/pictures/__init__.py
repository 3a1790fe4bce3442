"""Pictures that the program makes of itself."""
