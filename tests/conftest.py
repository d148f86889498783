"""What holds for every test: Ctrl-C reaches child processes, and no example fails for being slow on a busy machine."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# A shell starts background jobs with SIGINT ignored, and children inherit that: then no Ctrl-C could be tested.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "lhwa", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("lhwa")
