"""WhatsApp Cloud API: what a message looks like there, what Meta takes, and what its answers mean.

The one rule: a message that may have reached Meta is never called unsent. What is certain becomes a receipt or a
SendError, everything else an InDoubtError.
"""
