"""Template files of a firm: reading them, and showing what a client will see.

One rule: a file is text that somebody else may have written. It is read without building objects from it, and every
problem is a finding with its line, never a traceback.
"""
