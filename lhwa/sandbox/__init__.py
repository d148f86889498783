"""A Cloud API emulator: what a newcomer, a test or a simulation talks to instead of a Meta account.

`sandbox.py` is the door of the core, which has no sockets and no clock: requests go in, replies and signed webhooks
come out. `http.py` puts it on a loopback port, `courier.py` posts its webhooks.

Invariants: every chance and every id comes from one seeded generator and time is an argument, so the same seed and the
same calls give the same bytes. Nothing here knows the rest of lhwa: it is the other side of the wire, written from the
platform's documentation, so that a mistake of ours does not cancel itself out.
Everything lives in memory and ends with the process.
"""
