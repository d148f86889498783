"""How each view looks as lines of spans: pure, and the same for the screen and for the line mode."""
