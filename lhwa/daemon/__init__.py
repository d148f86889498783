"""Starts the parts in order, stops them in reverse."""
