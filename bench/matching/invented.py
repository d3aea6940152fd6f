"""Sets made from real legal names with invented addresses and phones: what is done to them is known, so is the answer.

Each company gets an address and a phone. `the same` is it again as another list would have it: abbreviated, misspelled,
in another order, without a field. `another` is a company that looks like it: the next fund, a store of one name in
another street or town, a company of the same group, a tenant of the same house. Nothing was tuned on them.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.matching.gold import Row
from services.customer.matching.rules.company import Address, Company, Name
from services.customer.matching.rules.names import normalise_name

_STREETS = (
    "Oak Street|Maple Avenue|Washington Boulevard|Lake Shore Drive|51st Street|Martin Luther King Drive|Church Road|"
    "Mill Lane|Third Avenue|Kings Highway|Saint Charles Avenue|Park Place|Market Street|Harbour Road|Franklin Court|"
    "Industrial Parkway|Sunset Boulevard|Union Square|Forest Drive|University Avenue"
)
STREETS = _STREETS.split("|")
CITIES = ["Springfield", "Riverside", "Franklin", "Georgetown", "Clinton", "Salem", "Madison", "Arlington", "Dover"]
_SHORT = {
    "Street": "St.", "Avenue": "Ave", "Boulevard": "Blvd.", "Drive": "Dr", "Road": "Rd", "Lane": "Ln", "Highway": "Hwy",
    "Place": "Pl", "Parkway": "Pkwy", "Court": "Ct", "Square": "Sq.", "North": "N.", "South": "S", "East": "E.",
    "West": "W", "Third": "3rd", "Saint": "St.",
}  # fmt: skip
_ABBREVIATED = {
    "international": "Intl", "management": "Mgmt", "company": "Co", "services": "Svcs", "center": "Ctr",
    "technologies": "Tech", "technology": "Tech", "association": "Assn", "manufacturing": "Mfg", "and": "&",
    "limited": "Ltd", "corporation": "Corp", "incorporated": "Inc", "group": "Grp", "investments": "Inv",
    "development": "Dev", "university": "Univ", "industries": "Inds",
}  # fmt: skip
_NEXT = {"I": "II", "II": "III", "III": "IV", "IV": "V", "V": "VI", "1": "2", "2": "3", "3": "4"}
Change = Callable[[random.Random, Company], Company]


def _invented(chance: random.Random, name: str, country: str) -> Company:
    street = chance.choice(STREETS)
    direction = chance.choice(["", "", "North ", "West "])
    unit = chance.choice(["", "", "", f", Suite {chance.randint(100, 999)}"])
    line = f"{chance.randint(10, 9899)} {direction}{street}{unit}"
    city = chance.choice(CITIES)
    phone = f"({chance.randint(201, 989)}) {chance.randint(200, 999)}-{chance.randint(0, 9999):04d}"
    postal_code = f"{chance.randint(10000, 99999)}"
    return Company((Name(name),), country, city, (Address(line, city=city, postal_code=postal_code),), (phone,))


def _name(company: Company, text: str) -> Company:
    return replace(company, names=(Name(text),))


def _misspelled(chance: random.Random, company: Company) -> Company:
    words = company.names[0].text.split()
    long = [place for place, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if long:
        place = chance.choice(long)
        at = chance.randrange(1, len(words[place]) - 2)
        word = words[place]
        words[place] = chance.choice([word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]])
    return _name(company, " ".join(words))


def _abbreviated(chance: random.Random, company: Company) -> Company:
    del chance
    words = [_ABBREVIATED.get(word.lower().strip(".,"), word) for word in company.names[0].text.split()]
    line = " ".join(_SHORT.get(word, word) for word in company.addresses[0].line_1.split())
    return replace(_name(company, " ".join(words)), addresses=(replace(company.addresses[0], line_1=line),))


def _without_form(chance: random.Random, company: Company) -> Company:
    del chance
    return _name(company, normalise_name(company.names[0].text).title())


def _moved_city(chance: random.Random, company: Company) -> Company:
    del chance
    address = company.addresses[0]
    line = f"{address.line_1}, {address.city}, IL {address.postal_code}"
    return replace(company, city=None, addresses=(Address(line),))


def _other_phone_form(chance: random.Random, company: Company) -> Company:
    digits = "".join(filter(str.isdigit, company.phones[0]))
    forms = [
        f"+1 {digits[:3]} {digits[3:6]} {digits[6:]}",
        f"{digits[:3]}.{digits[3:6]}.{digits[6:]} x{chance.randint(1, 99)}",
    ]
    return replace(company, phones=(chance.choice(forms),))


def _site_named(chance: random.Random, company: Company) -> Company:
    del chance
    return _name(company, f"{normalise_name(company.names[0].text).title()} - {company.city}")


def without_phone(chance: random.Random, company: Company) -> Company:
    """Leave the phone out."""
    del chance
    return replace(company, phones=())


def without_address(chance: random.Random, company: Company) -> Company:
    """Leave the address out."""
    del chance
    return replace(company, addresses=())


SAME: Sequence[Change] = (
    _misspelled,
    _abbreviated,
    _without_form,
    _moved_city,
    _other_phone_form,
    _site_named,
    without_phone,
    without_address,
)


def _next_fund(chance: random.Random, company: Company) -> Company:
    words = company.names[0].text.rstrip(".").split()
    places = [place for place, word in enumerate(words) if word in _NEXT]
    if places:
        words[places[-1]] = _NEXT[words[places[-1]]]
        return _name(company, " ".join(words))
    return _name(company, f"{normalise_name(company.names[0].text).title()} Fund {chance.randint(2, 9)}")


def _other_town(chance: random.Random, company: Company) -> Company:
    city = chance.choice([city for city in CITIES if city != company.city])
    elsewhere = _invented(chance, company.names[0].text, company.country or "US")
    return replace(elsewhere, city=city, addresses=(replace(elsewhere.addresses[0], city=city),))


def _of_the_group(chance: random.Random, company: Company) -> Company:
    first = normalise_name(company.names[0].text).title().split()[0]
    kind = chance.choice(["Logistics", "Real Estate", "Insurance Brokers", "Trading", "Consulting", "Energy", "Foods"])
    return _name(company, f"{first} {kind} {chance.choice(['Ltd', 'LLC', 'GmbH', 'Inc.'])}")


def _tenant(chance: random.Random, company: Company) -> Company:
    other = _invented(
        chance,
        f"{chance.choice(['Blue', 'Red', 'Nova', 'Zenith'])} {chance.choice(['Dental', 'Law', 'Yoga'])} Partners",
        "US",
    )
    return replace(other, city=company.city, addresses=company.addresses)


def _numbered_store(chance: random.Random, company: Company) -> Company:
    return _name(company, f"{normalise_name(company.names[0].text).title()} Store #{chance.randint(10, 99)}")


ANOTHER: Sequence[Change] = (_next_fund, _other_town, _of_the_group, _tenant)


def invented(names: Sequence[tuple[str, str]], *, companies: int, seed: int) -> list[Row]:
    """Return rows of companies, each again as others write it (twice) and beside one that looks like it.

    Stores of one chain are two companies: each is of its number, and stands at an address of its own.
    """
    chance = random.Random(seed)
    rows: list[Row] = []
    for number, (name, _) in enumerate(chance.sample(list(names), companies)):
        company = _invented(chance, name, "US")
        rows.append(Row(company, f"{number}"))
        rows += [Row(change(chance, company), f"{number}") for change in chance.sample(SAME, 2)]
        change = ANOTHER[number % len(ANOTHER)]
        other = change(chance, company)
        same_name = normalise_name(other.names[0].text) == normalise_name(name)
        if not (change is _of_the_group and same_name):  # by the rules of the base that is the company itself
            rows.append(Row(other, f"{number} {change.__name__}"))
    chance.shuffle(rows)
    return rows


def stores(names: Sequence[tuple[str, str]], *, companies: int, seed: int) -> list[Row]:
    """Return stores of chains, four of each, in streets of their own, every one twice in other spellings."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for number, (name, _) in enumerate(chance.sample(list(names), companies)):
        for store in range(4):
            company = _invented(chance, name, "US")
            company = _numbered_store(chance, company) if number % 2 else company
            rows.append(Row(company, f"{number} {store}"))
            rows.append(
                Row(chance.choice((_abbreviated, _other_phone_form, _moved_city))(chance, company), f"{number} {store}")
            )
    chance.shuffle(rows)
    return rows
