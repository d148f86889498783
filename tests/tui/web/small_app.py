"""What the tests serve: a small app that shows its process, says what it was told, and misbehaves on request."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Label

COMMAND = (sys.executable, __file__)
OFFERED_NAME = 'surat "a"\r\nX-Contoh: 1.html'
OFFERED_TEXT = "<script>isi</script>" * 5_000


class SmallApp(App[None]):
    CSS = "Screen { background: #003366; } Label { color: #ffffff; }"
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Label(f"Kotak Contoh pid={os.getpid()}; token={os.environ.get('LHWA_TOKEN')};", markup=False)
        yield Label("", id="says")

    def on_key(self, event: events.Key) -> None:
        match event.key:
            case "q":
                self.exit()
            case "x":
                sys.stderr.write("+62812-3000-1111 wrote this")
                os._exit(3)
            case "m":  # what no version of Textual says
                os.write(1, b"M\0\0\0\x02{]")
            case "e":
                raise RuntimeError("+62812-3000-1111 wrote this")
            case "h":  # hangs with a process of its own, and nobody who asks can end it
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                sleeper = subprocess.Popen(["sleep", "600"])
                self.query_one("#says", Label).update(f"sleeper={sleeper.pid}!")
                self.call_after_refresh(time.sleep, 600)
            case "d":
                self.deliver_text(io.StringIO(OFFERED_TEXT), save_filename=OFFERED_NAME)
            case "u":
                self.open_url("javascript:alert(1)")
                self.open_url("https://example.com/")
            case key:
                self.query_one("#says", Label).update(f"key={key}!")

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#says", Label).update(f"size={event.size.width}x{event.size.height};")


if __name__ == "__main__":
    if "--broken" in sys.argv:
        sys.exit("error: this one \x1b[31mdoes not start")
    app = SmallApp()
    app.run()
    sys.exit(app.return_code)
