"""Keys of an instance: who signs tokens between services, what signs page cursors and the audit trail."""

import json
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import OKPKey


@dataclass(frozen=True)
class Keys:
    """The keys that every service of an instance holds."""

    instance: OKPKey
    cursor: bytes
    audit: OKPKey

    @classmethod
    def read(cls, folder: Path) -> "Keys":
        """Read the keys that `keyaccount up` has made."""
        return cls(
            OKPKey.import_key(json.loads((folder / "instance-key.json").read_text())),
            bytes.fromhex((folder / "cursor-key").read_text().strip()),
            OKPKey.import_key(json.loads((folder / "audit-key.json").read_text())),
        )
