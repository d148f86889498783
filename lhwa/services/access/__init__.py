"""Who may do what, and the acts on the registry: apps, firms, operators, tokens.

    rules.py         pure: shapes of ids and secrets, time zones, ends of secrets and tokens
    callers.py       a token or a user of the operating system -> a principal, or one answer for every refusal
    installation.py  the first operator          apps.py  tenants.py  operators.py  tokens.py   the acts
    oversight.py     firms from outside, for the installer      kept_requests.py   requests that no firm got

Every act takes the open registry and the caller, checks inside its transaction, and is audited there. Two doors:
acts across firms (apps, new firms) need the installer, known by the user id of the operating system and never by a
token, because a token belongs to one firm; acts within a firm need the permission there, or the installer.
Operator ids are unique in an installation, like user names on a server.
"""
