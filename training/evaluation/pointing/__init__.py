"""Pointing: does attention fall into the box of what a word means; of models of this program and of pretrained ones."""
