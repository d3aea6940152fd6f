"""Fields that several features take over the wire."""

from typing import Annotated

from pydantic import StringConstraints

Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
"""An address in form; whether it exists only a message to it tells."""

Username = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[\w.@-]{1,100}$")]
"""What somebody signs in by, in small letters."""
