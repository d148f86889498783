"""Adapters of `ports/channel.py`."""
