"""The inbox's own screen, and those that lie over it for a moment."""
