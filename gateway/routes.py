"""Which service answers which path: one table, by the first segment after `/v1/`."""

import difflib
from collections.abc import Mapping

from gateway.errors import PathAmbiguous, PathUnknown

FAMILIES: Mapping[str, str] = {
    "sign-in": "team",
    "people": "team",
    "business-units": "team",
    "stand-ins": "team",
    "org-chart": "team",
    "machine-clients": "team",
    "assignment-rules": "team",
    "assignments": "team",
    "team": "team",
    "customers": "customer",
    "contacts": "customer",
    "proposed-changes": "customer",
    "intakes": "customer",
    "activities": "customer",
    "leads": "customer",
    "classification-schemes": "customer",
    "classification-gaps": "customer",
    "customer-base": "customer",
    "account-plans": "customer",
    "customer-potentials": "customer",
    "customer-targets": "customer",
    "key-proposals": "customer",
    "portfolio-plans": "customer",
    "portfolio-parts": "customer",
    "account-plan-standings": "customer",
    "account-plan-years": "customer",
    "matches": "customer",
    "search": "customer",
    "unassigned-customers": "customer",
    "reclaim-rules": "customer",
    "reclaim-notices": "customer",
    "activity-checks": "customer",
    "visit-frequencies": "customer",
    "visit-checks": "customer",
    "coverages": "customer",
    "customer": "customer",
    "product-lines": "opportunity",
    "products": "opportunity",
    "exchange-rates": "opportunity",
    "opportunities": "opportunity",
    "assessments": "opportunity",
    "assessment-models": "opportunity",
    "funnel": "opportunity",
    "funnel-calibrations": "opportunity",
    "funnel-definitions": "opportunity",
    "duties": "opportunity",
    "probability-choices": "opportunity",
    "resource-requests": "opportunity",
    "opportunity": "opportunity",
    "forecast-cycles": "forecast",
    "forecasts": "forecast",
    "demand-plans": "forecast",
    "erp-systems": "forecast",
    "erp-references": "forecast",
    "confirmed-orders": "forecast",
    "forecast-sources": "forecast",
    "channel-forecasts": "forecast",
    "forecast-comparisons": "forecast",
    "demand-plan-handovers": "forecast",
    "forecast": "forecast",
}
"""Segment → service. What is not in it, nobody reaches through the gateway."""

PUBLIC_FAMILIES = frozenset({"sign-in"})
"""Paths below these ask for no sign-in."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods that are passed on."""

WELL_KNOWN = dict.fromkeys(
    ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"),
    "/v1/sign-in/browser/configuration",
)
"""Where clients look for the built-in issuer, and where it says what it is."""

_DOTS = frozenset({b".", b".."})


def family_of(raw_path: bytes) -> str:
    """Return the family that a path, as it came over the wire, belongs to.

    Raises:
        PathUnknown: no family begins like this.
        PathAmbiguous: services might read the path differently from the gateway.
    """
    if b"." in raw_path or b"%2" in raw_path:
        _refuse_dot_segments(raw_path)
    parts = raw_path.split(b"/", 3)
    if len(parts) > 2 and parts[1] == b"v1":  # noqa: PLR2004 (nothing, v1, family)
        family = parts[2].decode("latin-1")
        if family in FAMILIES:
            return family
    path = raw_path.decode("ascii", "replace")
    raise PathUnknown(path, nearest_family(path))


def nearest_family(path: str) -> str | None:
    """Return the path of the family that is spelt most like the given path, if one is."""
    segments = [segment for segment in path[:200].lower().split("/") if segment]
    if segments[:1] == ["v1"]:
        segments = segments[1:]
    wanted = segments[0].replace("_", "-") if segments else ""
    found = difflib.get_close_matches(wanted, FAMILIES, n=1, cutoff=0.6)
    return f"/v1/{found[0]}" if found else None


def _refuse_dot_segments(raw_path: bytes) -> None:
    plain = raw_path.lower().replace(b"%2e", b".")
    if not _DOTS.isdisjoint(plain.replace(b"%2f", b"/").split(b"/")):
        raise PathAmbiguous
