"""`python -m training` trains, like `spinvlm train`."""

from training.command_line import main

if __name__ == "__main__":
    main()
