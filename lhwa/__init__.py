"""lhwa: WhatsApp for Indonesian law firms, as evidence.

Read `domain/events.py` first, then `routes.py`: the facts of the system, and who reacts to each.
"""

__version__ = "0.1.0"
