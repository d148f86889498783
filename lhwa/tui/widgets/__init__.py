"""What is on the screen, one idea each. Widgets paint views and say what somebody wants; panes ask the desk for it."""
