"""What lhwa says about itself: `logs.py` and `metrics.py`. Never content, telephone numbers, names or secrets.

Both are closed doors rather than habits: a log field that is not on the list is dropped, and no metric has a label
whose values come from outside.
"""
