"""How we get what `ports` asks for: one folder per port."""
