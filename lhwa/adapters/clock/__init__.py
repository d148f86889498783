"""Adapters of `ports/clock.py`."""
