"""The inbox in a browser: the same app, drawn by a page that a server on this machine gives out.

textual-serve brings the script that draws a terminal and the packets in which the app speaks; who may come in, what
the page may load, and how the app's processes live and end is decided here. `serving.serve` is the door of the package.

The rule: nothing is given to somebody who has not come in by a link from the terminal of this server, and nothing is
left running when their browser is gone. A session knows no person: the app it opens acts as whoever started the server.
"""
