"""2. Raw bytes to typed elements. Pure: no I/O, no clock, no database."""
