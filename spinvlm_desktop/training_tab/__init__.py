"""The tab in which models are trained."""
