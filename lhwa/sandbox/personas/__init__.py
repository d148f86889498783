"""Personas: made-up clients who read what a firm writes and answer as people of their kind do. Pure.

A persona has nothing but what stands on its phone: texts, buttons and lists. It knows no question tree and no state of
an intake, so it can walk through any of them; that it cannot look behind is checked by import-linter.
"""
