"""Names for generated customers: first and last names that go together, and how common each group is."""

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names of people whose families come from the same part of the world."""

    share: float
    first: tuple[str, ...]
    last: tuple[str, ...]


def _group(share: float, first: str, last: str) -> NameGroup:
    return NameGroup(share, tuple(first.split()), tuple(last.split()))


_BRITISH: Final = _group(
    0.46,
    "Oliver Emily Jack Amelia Harry Sophie George Olivia Charlie Grace Thomas Isla James Lucy William Ella "
    "Henry Ruby Arthur Alice Samuel Hannah Joseph Charlotte Edward Eleanor Benjamin Jessica Peter Susan "
    "Andrew Helen Stephen Karen Ian Julie Colin Wendy Graham Linda Robin Frances Martin Janet Simon Claire",
    "Taylor Walker Wright Thompson White Green Hall Wood Harris Clarke Turner Hill Cooper Ward Bailey Parker "
    "Bennett Shaw Carter Mills Barker Palmer Marsh Holmes Fletcher Booth Hobson Dale Thorpe Appleyard Haigh "
    "Sutcliffe Broadbent Ormerod Whittaker Pickles Lister Ramsden Hargreaves Firth",
)
_CELTIC: Final = _group(
    0.17,
    "Rhys Seren Owen Cerys Gareth Bethan Ewan Ailsa Fergus Morag Hamish Eilidh Angus Kirsty Niall Aoife "
    "Cormac Siobhan Declan Roisin Conor Niamh Megan Dylan Catrin Iain Fiona Finlay Mairi Brendan",
    "Jones Williams Davies Morgan Griffiths Lloyd Pritchard Campbell MacLeod Fraser Sinclair Munro Buchanan "
    "Gallagher Doherty Brennan Kavanagh Byrne McBride Rees Vaughan Urquhart Drummond Boyle",
)
_SOUTH_ASIAN: Final = _group(
    0.11,
    "Arjun Anjali Rohan Kavita Vikram Meera Imran Fatima Bilal Zainab Sanjay Deepa Harpreet Simran Tariq "
    "Nadia Farhan Sana Amit Pooja Gurdeep Jasmin Rafiq Shabnam Nikhil Leela",
    "Patel Sharma Singh Kaur Khan Ahmed Hussain Mistry Desai Iyer Rao Chowdhury Begum Malik Qureshi Gill "
    "Sandhu Menon Das Siddiqui",
)
_AFRICAN: Final = _group(
    0.07,
    "Chidi Ngozi Emeka Adaeze Tunde Folake Kwame Abena Kofi Esi Tendai Rudo Amara Yusuf Halima Abdi Hodan "
    "Samuel Blessing Zola",
    "Okonkwo Eze Adebayo Balogun Mensah Owusu Boateng Asante Moyo Ncube Osman Warsame Mwangi Otieno Diallo "
    "Nwosu",
)
_CARIBBEAN: Final = _group(
    0.04,
    "Marcus Shanice Delroy Yvonne Leon Keisha Winston Marcia Andre Simone Errol Tanya",
    "Campbell Francis Grant Bailey Powell Gordon Reid Beckford Morrison Joseph",
)
_EAST_EUROPEAN: Final = _group(
    0.06,
    "Piotr Agnieszka Marek Magda Tomasz Ewa Andrei Ioana Mihai Elena Jonas Ruta Pavel Katerina Ivan Daria",
    "Nowak Wojcik Kaminski Zielinski Popescu Ionescu Kazlauskas Novotny Dvorak Petrov Horvat Kovacs",
)
_EAST_ASIAN: Final = _group(
    0.05,
    "Jun Mei Hao Ling Kenji Yuki Minh Linh Jin Soo-yeon Kai Xiu Daniel Grace Ryan Vivian",
    "Wong Chan Lee Liu Zhang Nguyen Tran Kim Park Tanaka Sato Cheung Lam Ho",
)
_MIDDLE_EASTERN: Final = _group(
    0.04,
    "Omar Layla Karim Yasmin Reza Shirin Emre Elif Can Zeynep Samir Rana Dariush Nour",
    "Haddad Nasser Karimi Hosseini Yilmaz Demir Kaya Mansour Aziz Saleh Tehrani Aydin",
)
_UK_GROUPS: Final = (
    _BRITISH, _CELTIC, _SOUTH_ASIAN, _AFRICAN, _CARIBBEAN, _EAST_EUROPEAN, _EAST_ASIAN, _MIDDLE_EASTERN,
)  # fmt: skip
_ABROAD: Final = {
    "IE": _CELTIC,
    "FR": _group(
        1,
        "Camille Julien Manon Antoine Chloe Mathieu Sarah Luc Ines Olivier",
        "Lefevre Moreau Girard Rousseau Blanc Fontaine Marchand Benali",
    ),
    "DE": _group(
        1,
        "Jonas Anke Felix Katrin Lukas Heike Matthias Svenja Emre Birgit",
        "Schneider Hoffmann Krause Vogel Brandt Lorenz Yildiz Winkler",
    ),
    "NL": _group(
        1,
        "Sanne Bram Femke Daan Lotte Ruben Anouk Thijs",
        "Bakker Visser Smit Meijer Dekker Hendriks Postma",
    ),
    "BE": _group(
        1,
        "Elise Wout Nathalie Pieter Amina Gilles Lien Bart",
        "Peeters Janssens Dubois Claes Lambert Wouters Goossens",
    ),
}


def draw_name(random: Random, country: str) -> tuple[str, str]:
    """Draw a first and a last name for somebody who lives in a country."""
    group = _ABROAD.get(country)
    if group is None:
        shares = [candidate.share for candidate in _UK_GROUPS]
        group = random.choices(_UK_GROUPS, weights=shares)[0]
    return random.choice(group.first), random.choice(group.last)
