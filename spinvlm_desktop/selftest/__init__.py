"""Whether every part of the program works where it is installed: `spinvlm selftest`."""
