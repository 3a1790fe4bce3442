"""Questions whose answers are classes that the user named: what was learnt of them, and how they are answered."""
