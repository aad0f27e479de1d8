"""Names in three scripts, pass numbers and places: one key for all spellings, two people never made one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.names import (
    Likeness,
    Person,
    Script,
    by_script,
    clean_khmer,
    clean_text,
    clean_thai,
    khmer_key,
    name_key,
    pass_key,
    same_person,
    similarity,
)
from workflow.domain.provinces import (
    CAMBODIAN_PROVINCES,
    GATES,
    THAI_PROVINCES,
    cambodian_province,
    place_name,
    thai_province,
)


def test_invisible_and_turning_marks_are_taken_out() -> None:
    assert clean_text("\u202eKIM\u200b  DARA\u0000\ufeff\t") == "KIM DARA"
    assert clean_text("a\ud800b") == "ab"
    assert clean_thai("น\u0e4d\u0e32") == "นำ"
    assert clean_thai("เเก้ว") == "แก้ว"


def test_khmer_marks_come_in_one_order_however_they_were_typed() -> None:
    assert clean_khmer("ស៊្រី") == clean_khmer("ស្រ៊ី")
    assert clean_khmer("\u1780\u17c1\u17b8") == "\u1780\u17be"
    assert clean_khmer("ស\u200bុខ") == "សុខ"
    assert khmer_key("ចិន្តា") == khmer_key("ចិន្ដា")


@pytest.mark.parametrize("name", ["សុវណ្ណ", "ស្រីនាង", "សម្បត្តិ", "ពិសិដ្ឋ", "ប៊ុនធឿន", "អ៊ុំ", "ដារ៉ា", "ពេជ្រ"])
def test_names_as_usually_typed_stay_as_they_are(name: str) -> None:
    assert clean_khmer(name) == name


def test_a_latin_key_forgets_order_case_spacing_and_points() -> None:
    assert name_key("Dara  KIM") == name_key("KIM, DARA") == name_key("kim dara.") == "DARA KIM"
    assert name_key("Kratié") == "KRATIE"


def test_a_cell_with_several_scripts_gives_one_name_each() -> None:
    assert by_script("Kim Dara (គឹម ដារ៉ា) / กึม ดารา") == {
        Script.LATIN: "KIM DARA",
        Script.KHMER: "គឹម ដារ៉ា",
        Script.THAI: "กึม ดารา",
    }
    assert by_script("12345 ---") == {}


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        (" bb 115-133 ", "BB115133"),
        ("BB.115.133", "BB115133"),
        ("ＢＢ１１５１３３", "BB115133"),
        ("๑๒៣๔", "1234"),
        ("BB", None),
        ("ABCD", None),
        ("123", None),
        ("1" * 21, None),
        ("", None),
    ],
)
def test_a_pass_number_has_one_key_however_it_is_typed(printed: str, key: str | None) -> None:
    assert pass_key(printed) == key


@given(st.text())
def test_cleaning_and_keying_is_done_once_and_for_all(text: str) -> None:
    for clean in (clean_text, clean_khmer, clean_thai):
        assert clean(clean(text)) == clean(text)
    key = pass_key(text)
    assert key is None or pass_key(key) == key
    assert name_key(name_key(text)) == name_key(text)


# --- the same person? -------------------------------------------------------------------------------

BORN = date(1990, 1, 2)


def _codes(a: Person, b: Person) -> tuple[Likeness, set[str]]:
    score = same_person(a, b)
    assert score == same_person(a, b)
    assert same_person(b, a).likeness is score.likeness
    return score.likeness, {ground.code for ground in score.reasons}


def test_swapped_words_of_a_name_are_the_same_person() -> None:
    likeness, codes = _codes(Person("CHAN DARA", birth_on=BORN), Person("Dara Chan", birth_on=BORN))
    assert likeness is Likeness.LIKELY
    assert "name_swapped" in codes


def test_twins_are_two_people() -> None:
    likeness, codes = _codes(Person("CHAN DARA", birth_on=BORN), Person("CHAN SOVANN", birth_on=BORN))
    assert likeness is Likeness.DIFFERENT
    assert "twins" in codes


def test_twins_whose_khmer_names_differ_are_at_most_possible() -> None:
    one = Person("CHAN SOPHEA", "ចាន់ សុភា", birth_on=BORN)
    other = Person("CHAN SOPHEA", "ចាន់ ដារ៉ា", birth_on=BORN)
    assert same_person(one, other).likeness is Likeness.POSSIBLE


def test_a_shared_name_with_another_birth_is_another_person() -> None:
    one = Person("KIM MAKARA", birth_year=2002, pass_number="BB737581")
    other = Person("KIM MAKARA", birth_on=date(1989, 11, 10), pass_number="BB369691")
    assert same_person(one, other).likeness is Likeness.DIFFERENT


def test_the_same_pass_is_the_same_person_unless_the_name_is_another() -> None:
    one = Person("KIM MAKARA", pass_number="bb 73-7581")
    assert same_person(one, Person("MAKARA KIM", pass_number="BB737581")).likeness is Likeness.SAME
    assert same_person(one, Person("SOK THIDA", pass_number="BB737581")).likeness is Likeness.POSSIBLE


def test_a_year_or_a_slip_of_the_pen_leaves_it_to_a_person() -> None:
    whole = Person("KIM DARA", birth_on=date(1990, 2, 1))
    assert same_person(whole, Person("KIM DARA", birth_year=1990)).likeness is Likeness.POSSIBLE
    assert same_person(whole, Person("KIM DARA", birth_on=BORN)).likeness is Likeness.POSSIBLE
    assert same_person(whole, Person("KIM DARA")).worth_a_look


def test_man_and_woman_are_never_likely_one() -> None:
    one = Person("CHAN DARA", birth_on=BORN, sex="M")
    likeness, codes = _codes(one, Person("CHAN DARA", birth_on=BORN, sex="F"))
    assert likeness is Likeness.POSSIBLE
    assert "sex_differs" in codes


def test_spelling_and_spacing_do_not_hide_a_person() -> None:
    assert similarity("KIM SREY NEANG", "Kim Sreyneang") == 1.0
    assert similarity("KIM SREYPOV", "KIM SREYPEOV") > 0.85
    assert similarity("KIM DARA", "SOK THIDA") < 0.6
    assert (
        same_person(Person("KIM SREY NEANG", birth_on=BORN), Person("KIM SREYNEANG", birth_on=BORN)).likeness
        is Likeness.LIKELY
    )


# --- places -----------------------------------------------------------------------------------------


def test_every_province_is_found_under_each_of_its_names() -> None:
    assert len(CAMBODIAN_PROVINCES) == 25
    for key, place in CAMBODIAN_PROVINCES.items():
        assert {cambodian_province(name) for name in place.written} == {key}
        assert all((place.latin, place.thai, place.khmer))
    for code, place in THAI_PROVINCES.items():
        assert {thai_province(name) for name in place.written} == {code}
    assert {gate.province_code for gate in GATES.values()} == set(THAI_PROVINCES)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Batambang", "battambang"),
        ("BATTAMBANG PROVINCE", "battambang"),
        ("จ.พระตะบอง", "battambang"),
        ("ខេត្តបាត់ដំបង", "battambang"),
        ("Otdar Mean Chey", "oddar_meanchey"),
        ("ឧត្តរមានជ័យ", "oddar_meanchey"),
        ("Chanthaburi", None),
        ("Kampong", None),
        ("", None),
    ],
)
def test_a_province_is_found_in_any_script_and_with_a_slip(written: str, key: str | None) -> None:
    assert cambodian_province(written) == key


def test_a_place_has_a_name_for_each_reader() -> None:
    assert place_name("battambang", "th") == "พระตะบอง"
    assert place_name("22", "km") == THAI_PROVINCES["22"].khmer
    assert place_name("ban_laem") == "Ban Laem"
    assert place_name("nowhere") == "nowhere"
