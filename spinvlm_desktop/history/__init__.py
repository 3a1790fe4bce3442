"""Conversations that are kept: the database, the photos beside it, export and import; listing/ shows them."""
