"""Photos without captions, shown one after the other, to be described, asked about and marked."""
