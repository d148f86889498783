"""The inbox: what people of the firm read, answer and decide at, in a terminal or in a browser."""
