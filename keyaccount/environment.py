"""The environment with what it names as files: `KEYACCOUNT_<NAME>_FILE` is read into `KEYACCOUNT_<NAME>`."""

from collections.abc import Mapping
from pathlib import Path

from keyaccount.problems import Unable

PREFIX, SUFFIX = "KEYACCOUNT_", "_FILE"


def with_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with each file's content under the name it stands for.

    Raises:
        Unable: a file cannot be read, or a variable is given in both ways.
    """
    found = dict(environment)
    for name in [name for name in environment if name.startswith(PREFIX) and name.endswith(SUFFIX)]:
        path, meant = found.pop(name), name.removesuffix(SUFFIX)
        if not path:
            continue
        if found.get(meant):
            message = f"Set {meant} or {name}, not both."
            raise Unable(message)
        try:
            found[meant] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as failure:
            message = f"{name} names {path}, which cannot be read: {failure}"
            raise Unable(message) from failure
    return found
