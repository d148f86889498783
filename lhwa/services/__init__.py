"""4. What the firm's records mean. Siblings that do not import each other."""
