"""The command line. Holds no rules: it asks services and prints what they say."""
