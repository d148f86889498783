"""The queues of the inbox, one pane each: what is read for it, and what the things in it can be asked to do."""
