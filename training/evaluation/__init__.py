"""Measures of what a trained model says about photos that it has not seen."""
