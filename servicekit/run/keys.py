"""Keys of an instance: who signs tokens between services, what signs page cursors and the audit trail."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import OKPKey

from servicekit.data.sealing import Sealing


@dataclass(frozen=True)
class Keys:
    """The keys that every service of an instance holds."""

    instance: OKPKey
    cursor: bytes
    audit: OKPKey

    def sealing(self, purpose: str) -> Sealing:
        """Return what seals for one purpose, under a key derived from the instance's."""
        private = str(self.instance.as_dict(private=True)["d"])
        return Sealing(base64.urlsafe_b64decode(private + "=" * (-len(private) % 4)), purpose)

    @classmethod
    def read(cls, folder: Path) -> "Keys":
        """Read the keys that `keyaccount up` has made."""
        return cls(
            OKPKey.import_key(json.loads((folder / "instance-key.json").read_text())),
            bytes.fromhex((folder / "cursor-key").read_text().strip()),
            OKPKey.import_key(json.loads((folder / "audit-key.json").read_text())),
        )
