"""The kept conversations, listed beside the chat: found, renamed, deleted and brought back."""
