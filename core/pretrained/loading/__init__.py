"""From a folder to a checked model: what it holds, whether it fits in here, whether SPIN works, how it computes fastest."""
