"""The headings of the glossary, to which question marks lead."""

from __future__ import annotations

HOW, HEADS, SPIN, SETTINGS = "How an answer is made", "Heads and layers", "SPIN", "Settings and presets of SPIN"
COMPARING, CERTAINTY, SCREEN = "Two answers compared", "Certainty", "What else is on the screen"
TRAINING, TRAINING_SETTINGS = "Training and measuring", "Settings of a training"
FIGURES = "Figures of a measurement"
TOPICS = (HOW, HEADS, SPIN, SETTINGS, COMPARING, CERTAINTY, SCREEN, TRAINING, TRAINING_SETTINGS, FIGURES)
