"""`lhwa demo`: a scripted day of two sample firms, through the real daemon.

`story` says what happens and what must come of it, `stage` is the temporary home with its daemon, `screen` shows it,
`play` runs it and judges.
"""
