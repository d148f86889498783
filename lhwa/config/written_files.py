"""Files that people of a firm write, such as templates and question trees: how their bytes are read.

Invariant: nothing that lies in a folder makes the reader wait or fills its memory.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lhwa.domain.edited_files import FILES_MAX, is_edited_file
from lhwa.domain.yaml_source import BYTES_MAX, Mark, YamlRefusedError


def read_written(path: Path) -> bytes:
    """The bytes of one file; one byte more than is allowed of a larger one.

    Raises: YamlRefusedError for what is not a file or cannot be read.
    """
    try:
        # A pipe or a device would make us wait, and may be there between any look and the opening.
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _not_a_file()
            return file.read(BYTES_MAX + 1)
    except (FileNotFoundError, IsADirectoryError, ValueError):
        raise _not_a_file() from None
    except OSError:
        raise _refused("file-unreadable", "The file cannot be read.", "Check its path and who may read it.") from None


def written_files(folder: Path) -> list[Path]:
    """The YAML files right in a folder, in the order of their names.

    Raises: YamlRefusedError for a folder that cannot be read, or holds more than people write.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if is_edited_file(path.name))
    except OSError:
        raise _refused("folder-unreadable", "The folder cannot be read.", "Give the path of a folder.") from None
    if len(paths) > FILES_MAX:
        what = f"There are more than {FILES_MAX} files in the folder."
        raise _refused("folder-full", what, "Take out what does not belong there.")
    return paths


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _not_a_file() -> YamlRefusedError:
    return _refused("file-missing", "This is not a file.", "Give the path of a YAML file.")


def _refused(rule: str, what: str, mend: str) -> YamlRefusedError:
    return YamlRefusedError(rule, what, mend, Mark(1, 1))
