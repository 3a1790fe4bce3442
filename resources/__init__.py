"""Icons, styles, and the starter model with its card. Data only."""
