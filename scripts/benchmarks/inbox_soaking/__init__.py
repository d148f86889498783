"""Two people at the inbox for minutes, a daemon, and clients who keep writing; then every word is looked for.

`town` is the firm with its daemon and sandbox, `hands` one person at random acts, `checks` what must hold at the end.
"""
