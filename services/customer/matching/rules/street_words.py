"""Words of addresses: kinds of streets, directions, ordinals and units, each with its abbreviations."""

_STREET_KINDS = """
st street str strasse straat | ave avenue av aven avenida avda | blvd boulevard bldv bvd boul bd | rd road |
dr drive drv | ln lane | pl place plaza plz | ct court crt | hwy highway hiway | pkwy parkway pky pkway | sq square |
ter terrace terr | cir circle | cres crescent | rte route rt | way wy | trl trail | aly alley | expy expressway |
fwy freeway | tpke turnpike | loop lp | xing crossing | cswy causeway | row | quay | weg | gasse | allee |
platz | rue | calle | via viale | ulica ul | jalan jl
"""
_DIRECTIONS = """
n north no nord | s south so sud | e east ost | w west | ne northeast | nw northwest | se southeast | sw southwest
"""
_ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth
"""
_UNITS = """
suite ste unit apt apartment room rm floor fl flr building bldg block blk level lvl office ofc shop flat no number space
lot dept department tower twr wing etage stock piso oficina local po postfach box
"""


def _groups(text: str) -> dict[str, str]:
    return {word: group.split()[0] for group in text.split("|") for word in group.split()}


STREET_KINDS = _groups(_STREET_KINDS)
"""From every way to write a kind of street to the one that stands for it."""
DIRECTIONS = _groups(_DIRECTIONS)
ORDINALS = {word: str(number) for number, word in enumerate(_ORDINALS.split(), start=1)}
SAME_WORDS = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft", "mlk": "king", "jr": "", "junior": ""}
"""Words of street names with another spelling that stands for them; an empty one is left out."""
STREET_ENDINGS = ("str", "strasse", "weg", "gasse", "platz", "allee", "straat", "laan", "gade", "vej", "gatan", "vagen")
"""Ends of words that are the street: Hauptstr."""
UNITS = frozenset(_UNITS.split())
_REGIONS = """
al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri
sc sd tn tx ut vt va wa wv wi wy dc usa us uk illinois california
"""
REGIONS = frozenset(_REGIONS.split())
"""What stands behind a city in one line with it."""
_CROSSINGS = "at between betw btw near corner cor off opposite opp behind inside cnr"
CROSSINGS = frozenset(_CROSSINGS.split())
"""What stands behind one of them says where the place lies, not what its address is."""
_FILLERS = "the of de la le les del des der di da do and at near corner between btw off"
FILLERS = frozenset(_FILLERS.split())
