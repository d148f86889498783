"""5. Drains the outbox through a channel. Nothing leaves yet."""
