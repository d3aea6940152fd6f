"""Countries and cities: one spelling each, for keys; what was typed is kept beside it."""

from servicekit.values.errors import Malformed
from services.customer.matching.rules.text import fold

_ASSIGNED = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ASSIGNED.split())
"""ISO 3166-1 alpha-2, officially assigned codes."""

_SHORTEST_CITY = 2
_OTHER_SPELLINGS = {"saint": "st", "sankt": "st", "fort": "ft", "mount": "mt"}


class CountryUnknown(Malformed):
    """The country is not an ISO 3166-1 alpha-2 code."""

    code = "country_unknown"


def normalise_country(country: str, field: str = "/country") -> str:
    """Return the code in capitals, or refuse it: `UK` is not one (`GB` is)."""
    code = country.strip().upper()
    if code not in COUNTRIES:
        raise CountryUnknown(
            f"{country!r} is not a country code: use ISO 3166-1 alpha-2, such as CN or DE.", field=field
        )
    return code


def normalise_city(city: str | None) -> str:
    """Return the city as keys hold it, empty if not known: `北京市` is `北京`, `Saint Gallen` is `St. Gallen`."""
    if city is None:
        return ""
    words = [_OTHER_SPELLINGS.get(word, word) for word in fold(city).split()]
    folded = " ".join(words)
    shorter = folded.removesuffix("市")
    return shorter if len(shorter) >= _SHORTEST_CITY else folded
