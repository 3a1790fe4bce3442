"""`python -m training` trains, like `spinvlm train`."""

from training.commands.train_command import main

if __name__ == "__main__":
    main()
