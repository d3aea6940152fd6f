"""Writing small files so that a crash leaves the old one or the new one, never half of one."""

import os
import tempfile
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def write_whole(path: Path, content: str, mode: int = PRIVATE_FILE) -> None:
    """Replace `path` by `content`, in one step that survives a power cut."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def rotate(path: Path, larger_than: int) -> None:
    """Set a log aside as `<name>.1` when it has outgrown `larger_than` bytes; an older one set aside is dropped."""
    if path.exists() and path.stat().st_size > larger_than:
        path.replace(path.with_name(f"{path.name}.1"))
