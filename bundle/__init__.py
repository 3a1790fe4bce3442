"""How the program becomes a folder that runs where no Python is: `python run.py bundle`. Not part of the program itself."""
