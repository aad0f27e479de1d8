"""Names in three scripts and numbers of passes: cleaned to be kept, keyed to be found, compared for doubles.

Khmer names put the family first and many people share one, so a name alone never makes two rows one person.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from enum import IntEnum, StrEnum

from workflow.domain.words import N_

# --- cleaning ---------------------------------------------------------------------------------------

_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control characters, halves of characters, and the marks that hide, join or turn the letters around them."""
_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_TONE_BEFORE_NIKHAHIT = re.compile("([\u0e48-\u0e4b])\u0e4d\u0e32")


def clean_text(text: str) -> str:
    """Give a text as it may be kept: composed (NFC), no invisible or direction marks, single spaces."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _DROPPED.sub("", text))
    return " ".join(text.split())


def clean_thai(text: str) -> str:
    """Clean a Thai name; vowels typed in two halves become the one that was meant."""
    text = clean_text(text).replace("\u0e40\u0e40", "\u0e41")
    return _TONE_BEFORE_NIKHAHIT.sub("\\1\u0e33", _SARA_AM.sub("\\1\u0e33", text))


_KHMER_SYLLABLE = re.compile("[\u1780-\u17b3]((?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd])+)")
_KHMER_PART = re.compile("\u17d2[\u1780-\u17b3]|.", re.DOTALL)
_SPLIT_VOWELS = (("\u17c1\u17b8", "\u17be"), ("\u17c1\u17b6", "\u17c4"))


def clean_khmer(text: str) -> str:
    """Clean a Khmer name and put the marks of each syllable in one order, however they were typed."""
    text = clean_text(text).replace("\u17a3", "\u17a2").replace("\u17a4", "\u17a2\u17b6")
    return _KHMER_SYLLABLE.sub(_ordered_syllable, text)


def _ordered_syllable(syllable: re.Match[str]) -> str:
    marks = "".join(sorted(_KHMER_PART.findall(syllable[1]), key=_khmer_rank))
    for halves, whole in _SPLIT_VOWELS:
        marks = marks.replace(halves, whole)
    return syllable[0][0] + marks


def _khmer_rank(mark: str) -> int:
    """Rank a mark: robat, subscripts (RO last), register shifter, vowel, final sign, other signs."""
    if mark[0] == "\u17d2":
        return 2 if mark[1] == "\u179a" else 1
    if mark == "\u17cc":
        return 0
    if mark in "\u17c9\u17ca":
        return 3
    if "\u17b6" <= mark <= "\u17c5":
        return 4
    return 6 if mark in "\u17c6\u17c7\u17c8" else 5 if mark in "\u17cb\u17cd\u17ce\u17cf\u17d0" else 7


class Script(StrEnum):
    """The three scripts that a worker's name is kept in."""

    LATIN = "latin"
    KHMER = "khmer"
    THAI = "thai"


def script_of(character: str) -> Script | None:
    """Tell which script a letter or mark belongs to; spaces, digits and points belong to none."""
    if "\u1780" <= character <= "\u17ff" or "\u19e0" <= character <= "\u19ff":
        return Script.KHMER
    if "\u0e01" <= character <= "\u0e4e":
        return Script.THAI
    return Script.LATIN if character.isalpha() and "LATIN" in unicodedata.name(character, "") else None


_JOINTS = frozenset("()[]{}/|,;·")
_ONE_SCRIPT = (
    (Script.LATIN, re.compile(r"[A-Za-z .'\-]*[A-Za-z][A-Za-z .'\-]*")),
    (Script.KHMER, re.compile(r"[\u1780-\u17d3\u17dd -]+")),
    (Script.THAI, re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e -]+")),
)


def by_script(text: str) -> dict[Script, str]:
    """Split a cell that holds a name in several scripts, ``KIM DARA (គឹម ដារ៉ា)``, into one clean name each."""
    text = clean_text(text)
    alone = next((script for script, letters in _ONE_SCRIPT if letters.fullmatch(text)), None)
    runs = {alone: text} if alone else _script_runs(text)
    return {script: name for script, run in runs.items() if (name := clean_name(run, script))}


def _script_runs(text: str) -> dict[Script, str]:
    runs: dict[Script, str] = {}
    current: Script | None = None
    for character in text:
        found = script_of(character)
        current = found or current
        if current is not None:
            runs[current] = runs.get(current, "") + (character if found else _joint(character))
    return runs


def _joint(character: str) -> str:
    return " " if character in _JOINTS else character


def clean_name(text: str, script: Script) -> str:
    """Clean a name in one script: Latin in capitals as on the document, Khmer and Thai in their own order."""
    if script is Script.KHMER:
        return clean_khmer(text).strip(" -–.")
    if script is Script.THAI:
        return clean_thai(text).strip(" -–.")
    return clean_text(text).upper().strip(" -–.")


# --- keys -------------------------------------------------------------------------------------------


def name_words(name: str) -> tuple[str, ...]:
    """Give the words of a Latin name in plain capitals, without accents and points, in the order written."""
    plain = unicodedata.normalize("NFKD", clean_text(name)).upper()
    letters = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    return tuple(re.findall(r"[^\W_]+", letters))


def name_key(name: str) -> str:
    """Key a Latin name for finding: the same for every order, case, spacing and punctuation of its words."""
    return " ".join(sorted(name_words(name)))


def khmer_words(name: str) -> tuple[str, ...]:
    """Give the words of a Khmer name in one spelling; the two subscripts that look alike count as one."""
    return tuple(clean_khmer(name).replace("\u17d2\u178a", "\u17d2\u178f").split())


def khmer_key(name: str) -> str:
    """Key a Khmer name for finding, whatever the order of its words and marks."""
    return " ".join(sorted(khmer_words(name)))


def thai_words(name: str) -> tuple[str, ...]:
    """Give the words of a Thai name in one spelling."""
    return tuple(clean_thai(name).split())


def thai_key(name: str) -> str:
    """Key a Thai transcription for finding, whatever the order of its words."""
    return " ".join(sorted(thai_words(name)))


PASS_LENGTHS = range(4, 21)


def pass_key(text: str) -> str | None:
    """Key a pass number: capitals, Arabic digits, no spaces, hyphens or points; nothing if it is no number.

    Letters before the digits are kept, since each issuing province has its own; 4 to 20 characters of which
    one at least is a digit.
    """
    folded = _NO_PLAIN.sub("", text).upper() if text.isascii() else _folded_number(text)
    if len(folded) not in PASS_LENGTHS or not any(c.isdigit() for c in folded):
        return None
    return folded


_NO_PLAIN = re.compile("[^0-9A-Za-z]")


def _folded_number(text: str) -> str:
    compatible = unicodedata.normalize("NFKC", clean_text(text)).upper()
    return unicodedata.normalize("NFC", "".join(_folded(c) for c in compatible))


def _folded(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    return character if category[0] in "LM" else ""


# --- comparing --------------------------------------------------------------------------------------


def similarity(a: str, b: str) -> float:
    """Tell how alike two names are, 0 to 1, whatever the order and spacing of their words."""
    return _likeness(name_words(a) or thai_words(a), name_words(b) or thai_words(b))


def _likeness(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    if not a or not b:
        return 0.0
    if sorted(a) == sorted(b):
        return 1.0
    ways = {" ".join(sorted(b)), " ".join(b), " ".join(b[1:] + b[:1]), " ".join(b[-1:] + b[:-1])}
    ours = (" ".join(a), " ".join(sorted(a)))
    return max(_ratio(one.replace(" ", ""), way.replace(" ", "")) for one in ours for way in ways)


def _ratio(a: str, b: str) -> float:
    return SequenceMatcher(None, *sorted((a, b)), autojunk=False).ratio()


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of someone when two rows are held side by side; everything may be missing."""

    name_latin: str | None = None
    name_khmer: str | None = None
    name_thai: str | None = None
    birth_on: date | None = None
    birth_year: int | None = None
    sex: str | None = None
    pass_number: str | None = None


class Likeness(StrEnum):
    """Whether two rows are one person; anything but *same* and *different* is for a person to decide."""

    SAME = "same"
    LIKELY = "likely"
    POSSIBLE = "possible"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for or against two rows being one person."""

    code: str
    text: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """How alike two persons are, the points (0 to 1) only to put the closest first."""

    likeness: Likeness
    points: float
    reasons: tuple[Ground, ...]

    @property
    def worth_a_look(self) -> bool:
        """Tell whether an officer should see the two side by side."""
        return self.likeness is not Likeness.DIFFERENT


class _Names(IntEnum):
    UNKNOWN = 0
    OTHER = 1
    OTHER_GIVEN = 2
    SIMILAR = 3
    EQUAL = 4


class _Births(IntEnum):
    UNKNOWN = 0
    OTHER = 1
    SLIP = 2
    SAME_YEAR = 3
    EQUAL = 4


_NAME_GROUNDS = {
    _Names.EQUAL: Ground("name_equal", N_("The names are the same.")),
    _Names.SIMILAR: Ground("name_similar", N_("The names are nearly the same.")),
    _Names.OTHER_GIVEN: Ground(
        "given_name_differs", N_("The family name is the same, the given name is another.")
    ),
    _Names.OTHER: Ground("name_differs", N_("The names differ.")),
}
_BIRTH_GROUNDS = {
    _Births.EQUAL: Ground("birth_equal", N_("The dates of birth are the same.")),
    _Births.SAME_YEAR: Ground(
        "birth_year_equal", N_("The years of birth are the same; the day is not known.")
    ),
    _Births.SLIP: Ground("birth_slip", N_("The dates of birth differ by what may be a slip of the pen.")),
    _Births.OTHER: Ground("birth_differs", N_("The dates of birth differ.")),
}
_SWAPPED = Ground("name_swapped", N_("The words of the name stand in another order."))
_PASS_EQUAL = Ground("pass_equal", N_("The pass numbers are the same."))
_SEX_DIFFERS = Ground("sex_differs", N_("One is a man, the other a woman."))
_TWINS = Ground("twins", N_("Same family and day of birth but another given name: perhaps twins."))

_POINTS = {
    (_Names.EQUAL, _Births.EQUAL): 0.95,
    (_Names.SIMILAR, _Births.EQUAL): 0.75,
    (_Names.EQUAL, _Births.SAME_YEAR): 0.7,
    (_Names.EQUAL, _Births.SLIP): 0.7,
    (_Names.EQUAL, _Births.UNKNOWN): 0.5,
    (_Names.SIMILAR, _Births.SAME_YEAR): 0.5,
    (_Names.SIMILAR, _Births.SLIP): 0.45,
    (_Names.SIMILAR, _Births.UNKNOWN): 0.4,
}
_LIKELY_FROM, _POSSIBLE_FROM = 0.85, 0.35


def same_person(candidate: Person, other: Person) -> Score:
    """Weigh whether two rows are one person, with the reasons an officer would give.

    Equal pass numbers decide unless the names differ. Otherwise name and birth decide together: a shared name
    with another birth date is another person, twins are two, a swapped word order is one. A differing sex
    never lets the answer rise above *possible*.
    """
    names, swapped = _compare_names(candidate, other)
    births = _compare_births(candidate, other)
    same_pass = _same_pass(candidate, other)
    sexes_differ = bool(candidate.sex and other.sex and candidate.sex != other.sex)
    grounds = _grounds(names, births, swapped=swapped, same_pass=same_pass, sexes_differ=sexes_differ)
    points = _pass_points(names) if same_pass else _POINTS.get((names, births), 0.1)
    if sexes_differ:
        points = min(points - 0.2, 0.6)
    return Score(_verdict(points, same_pass=same_pass), round(points, 2), grounds)


def _pass_points(names: _Names) -> float:
    return 0.6 if names in (_Names.OTHER, _Names.OTHER_GIVEN) else 1.0


def _verdict(points: float, *, same_pass: bool) -> Likeness:
    if same_pass and points >= 1:
        return Likeness.SAME
    if points >= _LIKELY_FROM:
        return Likeness.LIKELY
    return Likeness.POSSIBLE if points >= _POSSIBLE_FROM else Likeness.DIFFERENT


def _grounds(
    names: _Names, births: _Births, *, swapped: bool, same_pass: bool, sexes_differ: bool
) -> tuple[Ground, ...]:
    said: list[Ground] = [_PASS_EQUAL] if same_pass else []
    said += [_NAME_GROUNDS[names]] if names else []
    said += [_SWAPPED] if swapped else []
    said += [_BIRTH_GROUNDS[births]] if births else []
    said += [_SEX_DIFFERS] if sexes_differ else []
    said += [_TWINS] if names is _Names.OTHER_GIVEN and births is _Births.EQUAL else []
    return tuple(said)


def _same_pass(a: Person, b: Person) -> bool:
    key = pass_key(a.pass_number or "")
    return key is not None and key == pass_key(b.pass_number or "")


def _compare_names(a: Person, b: Person) -> tuple[_Names, bool]:
    """Compare in every script that both have; scripts that disagree make at best a similar name."""
    pairs = [
        (khmer_words(a.name_khmer or ""), khmer_words(b.name_khmer or "")),
        (name_words(a.name_latin or ""), name_words(b.name_latin or "")),
        (thai_words(a.name_thai or ""), thai_words(b.name_thai or "")),
    ]
    answers = [
        (_compare_words(ours, theirs), "".join(ours) != "".join(theirs))
        for ours, theirs in pairs
        if ours and theirs
    ]
    if not answers:
        return _Names.UNKNOWN, False
    best, worst = max(answers)[0], min(answers)[0]
    if best is _Names.EQUAL and worst < _Names.EQUAL:
        return _Names.SIMILAR, False
    return best, best is _Names.EQUAL and any(other_order for _, other_order in answers)


_SPELLING = 0.85
_GIVEN_NAME = 0.8


def _compare_words(a: tuple[str, ...], b: tuple[str, ...]) -> _Names:
    if sorted(a) == sorted(b) or "".join(a) == "".join(b):
        return _Names.EQUAL
    shared = set(a) & set(b)
    if shared and _likeness(_without(a, shared), _without(b, shared)) < _GIVEN_NAME:
        return _Names.OTHER_GIVEN
    return _Names.SIMILAR if _likeness(a, b) >= _SPELLING else _Names.OTHER


def _without(words: Iterable[str], shared: set[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in shared)


def _compare_births(a: Person, b: Person) -> _Births:
    year_a, year_b = _year(a), _year(b)
    if year_a is None or year_b is None:
        return _Births.UNKNOWN
    if a.birth_on is None or b.birth_on is None:
        return _Births.SAME_YEAR if year_a == year_b else _Births.OTHER
    if a.birth_on == b.birth_on:
        return _Births.EQUAL
    return _Births.SLIP if _one_slip(a.birth_on, b.birth_on) else _Births.OTHER


def _year(person: Person) -> int | None:
    return person.birth_on.year if person.birth_on else person.birth_year


def _one_slip(a: date, b: date) -> bool:
    """Day and month exchanged, or a single wrong digit."""
    if (a.year, a.month, a.day) == (b.year, b.day, b.month):
        return True
    return sum(x != y for x, y in zip(f"{a:%d%m%Y}", f"{b:%d%m%Y}", strict=True)) == 1
