"""1. HTTP in: limits, signature, seal, spool, 200. Never opens a firm's file.

    server.py     the listener: bind, serve, drain
    protocol.py   one connection: what uvicorn's HTTP parser lets through that we refuse
    door.py       who is connected, and how many may be
    app.py        one request: the order of the checks, from the rate limit to the 200
    replies.py    the parts of a head that count, and the answers
    sources.py    who is asking, behind proxies          rates.py       how often they may
    bodies.py     how much memory bodies may take, and who gives way
    handshake.py  the GET by which Meta checks the URL   signature.py   the POST's HMAC
    routing.py    whose changes a body holds             spans.py       JSON by its brackets, at any depth
    requests.py   parts of a body -> sealed rows with their dedup keys

Decision: a body is looked into only after its signature holds, and then only for the ids that name its owners.
A body of one firm is stored byte for byte. Splitting the rare mixed one by copying slices, instead of decoding and
encoding, keeps every change as Meta signed it; refusing mixed bodies would lose messages, and storing them whole would
put one firm's messages under another firm's key.
"""
