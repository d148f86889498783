"""Settings: defaults < lhwa.toml < environment < flags, and every value remembers where it came from.

    home.py      where the files of one installation lie
    settings.py  every setting, its default, its limits and one sentence
    layers.py    what a file, the environment and the flags say, as plain keys and values
    values.py    one written value -> one checked value
    load.py      the layers on top of each other

Environment: `LHWA_<SECTION>__<KEY>`, such as `LHWA_SERVER__PORT=8081`; lists are separated by commas. Four names are
special: `LHWA_HOME` (the home), `LHWA_TENANT` (the same as `cli.tenant`), `LHWA_GRAPH_URL` (the same as
`outbound.graph_url`) and `LHWA_TOKEN` (a secret, so never a setting: it is read where an operator is authenticated).
"""

from lhwa.config.home import Home, find_home
from lhwa.config.load import Loaded, Problem, check_settings, load_settings
from lhwa.config.settings import Settings

__all__ = ["Home", "Loaded", "Problem", "Settings", "check_settings", "find_home", "load_settings"]
