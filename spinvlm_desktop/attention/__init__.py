"""Where the heads looked: maps, their colours, the grid of heads, the panel."""
