"""The inbox line by line, for screen readers, slow lines and pipes: the same queues and acts as on the screen."""
