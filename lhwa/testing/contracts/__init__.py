"""What every adapter of a port passes: inherit the class, write `make`, and pytest does the rest."""
