"""`python -m training.distillation`."""

from training.distillation.commands import main

if __name__ == "__main__":
    main()
