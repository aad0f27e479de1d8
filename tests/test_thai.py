"""Dates, money and identity numbers, the Thai way in and the Thai way out."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.thai import (
    DateReading,
    Fault,
    Precision,
    arabic_digits,
    baht_in_words,
    bangkok,
    bangkok_date,
    be_year,
    check_digit,
    date_in_words,
    english_date,
    group_juristic_number,
    group_person_number,
    khmer_digits,
    long_date,
    numeric_date,
    parse_date,
    short_date,
    short_moment,
    thai_digits,
    thirteen_digits_hold,
)

FIRST = date(2026, 12, 1)


def test_a_day_is_shown_in_the_buddhist_era() -> None:
    assert be_year(FIRST) == 2569
    assert short_date(FIRST) == "1 ธ.ค. 2569"
    assert long_date(FIRST) == "1 ธันวาคม พ.ศ. 2569"
    assert numeric_date(FIRST) == "01/12/2569"
    assert english_date(FIRST) == "1 December 2026"
    assert date_in_words(FIRST, "km") == "ថ្ងៃទី១ ខែធ្នូ ឆ្នាំ២០២៦"


def test_a_moment_is_shown_on_the_clocks_of_bangkok() -> None:
    moment = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    assert bangkok(moment).hour == 0
    assert bangkok_date(moment) == date(2027, 1, 1)
    assert short_moment(moment) == "1 ม.ค. 2570 00:30 น."
    with pytest.raises(ValueError, match="time zone"):
        bangkok(datetime(2026, 12, 31))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "ศูนย์บาทถ้วน"),
        (1, "หนึ่งบาทถ้วน"),
        (11, "สิบเอ็ดบาทถ้วน"),
        (21, "ยี่สิบเอ็ดบาทถ้วน"),
        (100, "หนึ่งร้อยบาทถ้วน"),
        (101, "หนึ่งร้อยเอ็ดบาทถ้วน"),
        (225, "สองร้อยยี่สิบห้าบาทถ้วน"),
        (1_900, "หนึ่งพันเก้าร้อยบาทถ้วน"),
        (1_000_001, "หนึ่งล้านเอ็ดบาทถ้วน"),
        (21_000_000, "ยี่สิบเอ็ดล้านบาทถ้วน"),
        (Decimal("0.25"), "ยี่สิบห้าสตางค์"),
        (Decimal("1225.50"), "หนึ่งพันสองร้อยยี่สิบห้าบาทห้าสิบสตางค์"),
        (-5, "ลบห้าบาทถ้วน"),
    ],
)
def test_money_is_written_out_in_words(amount: Decimal | int, words: str) -> None:
    assert baht_in_words(amount) == words


def test_a_third_of_a_satang_is_no_money() -> None:
    with pytest.raises(ValueError, match="two decimals"):
        baht_in_words(Decimal("1.005"))


def test_digits_of_three_scripts_mean_the_same() -> None:
    assert thai_digits(64) == "๖๔"
    assert khmer_digits(2026) == "២០២៦"
    assert arabic_digits("มาตรา ๖៤") == "มาตรา 64"


def test_identity_numbers_agree_with_their_check_digit() -> None:
    assert check_digit("110170020345") == 0
    assert thirteen_digits_hold("1-1017-00203-45-0")
    assert not thirteen_digits_hold("1101700203451")
    assert group_person_number("1101700203450") == "1-1017-00203-45-0"
    assert group_juristic_number("0105536000319") == "0-10-5-536-00031-9"
    assert group_person_number("123") == "123"


# --- reading dates ----------------------------------------------------------------------------------

BIRTH = date(1987, 3, 26)


@pytest.mark.parametrize(
    "written",
    [
        "26/03/2530", "26/3/1987", "26-03-2530", "26.3.2530", "26 03 2530", " 26/03/ 2530 ", "๒๖/๐๓/๒๕๓๐", "២៦/០៣/១៩៨៧",
        "26 มี.ค. 2530", "26มี.ค.2530", "26 มีค 2530", "26 มีนาคม 2530", "26 มีนาคม พ.ศ. 2530", "วันที่ 26 เดือน มีนาคม พ.ศ. 2530",
        "26 มีนาคม ค.ศ. 1987", "26 March 1987", "26-Mar-2530", "March 26, 1987", "26th of March 1987", "1987-03-26",
        "2530-03-26", "1987/3/26", "1987-03-26 00:00:00", "1987-03-26T00:00:00Z", "ថ្ងៃទី២៦ ខែមីនា ឆ្នាំ១៩៨៧",
        "'26/03/2530", "วันพฤหัสบดีที่ 26 มีนาคม 2530",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    reading = parse_date(written)
    assert isinstance(reading, DateReading), reading
    assert (reading.on, reading.year, reading.precision) == (BIRTH, 1987, Precision.DAY)
    assert reading.in_words() == "26 มีนาคม พ.ศ. 2530"


@pytest.mark.parametrize(
    "value", [BIRTH, datetime(1987, 3, 26, 8), date(2530, 3, 26), 31862, 31862.0, 31862.5, 230_189]
)
def test_a_day_is_read_from_the_cell_of_a_sheet(value: date | float) -> None:
    reading = parse_date(value)
    assert isinstance(reading, DateReading)
    assert reading.on == BIRTH


@pytest.mark.parametrize(
    "value",
    [
        "1987",
        "2530",
        1987,
        1987.0,
        2530.0,
        "1987.0",
        "๒๕๓๐",
        "พ.ศ. 2530",
        "ปี 2530",
        "00/00/1987",
        "--/--/2530",
    ],
)
def test_a_year_alone_stays_a_year(value: str | float) -> None:
    reading = parse_date(value)
    assert isinstance(reading, DateReading)
    assert (reading.on, reading.year, reading.precision) == (None, 1987, Precision.YEAR)
    assert reading.in_words() == "พ.ศ. 2530"
    assert reading.in_words("km") == "ឆ្នាំ១៩៨៧"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "date_missing"),
        (None, "date_missing"),
        ("26/03/30", "date_two_digits"),
        ("1-Dec-26", "date_two_digits"),
        ("1 ธ.ค. 69", "date_two_digits"),
        ("87", "date_two_digits"),
        ("31/04/2530", "date_impossible"),
        ("29/02/2568", "date_impossible"),
        ("30 ก.พ. 2530", "date_impossible"),
        ("13/13/1990", "date_impossible"),
        (date(2544, 2, 29), "date_impossible"),
        ("02/25/2026", "date_month_first"),
        ("12/2530", "date_no_day"),
        ("ธ.ค. 2530", "date_no_day"),
        ("26/03/1066", "date_year"),
        ("26/03/2300", "date_year"),
        ("ค.ศ. 2530", "date_year"),
        ("เมื่อวาน", "date_unreadable"),
        ("26031987", "date_unreadable"),
        (True, "date_unreadable"),
        (5, "date_unreadable"),
        (float("nan"), "date_unreadable"),
        (float("inf"), "date_unreadable"),
        (1e300, "date_unreadable"),
    ],
)
def test_what_is_no_date_is_a_fault_that_shows_what_was_written(value: object, code: str) -> None:
    fault = parse_date(value)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert "%(" not in fault.text % fault.params


def test_29_february_is_checked_on_the_common_year() -> None:
    assert isinstance(leap := parse_date("29/02/2567"), DateReading)
    assert leap.on == date(2024, 2, 29)
    assert isinstance(parse_date("29/02/2569"), Fault)


def test_the_day_stands_first_even_where_both_could_be_months() -> None:
    assert isinstance(reading := parse_date("12/11/2002"), DateReading)
    assert reading.on == date(2002, 11, 12)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_reads_back_from_every_way_of_writing_it(on: date) -> None:
    ways = [numeric_date(on), short_date(on), long_date(on), english_date(on), date_in_words(on, "km")]
    ways += [on.isoformat(), f"{on.day}/{on.month}/{on.year}", thai_digits(numeric_date(on))]
    for written in ways:
        reading = parse_date(written)
        assert isinstance(reading, DateReading), written
        assert reading.on == on


@given(
    st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.binary(), st.datetimes(), st.none())
)
def test_nothing_that_is_typed_makes_the_reader_fail(value: object) -> None:
    assert isinstance(parse_date(value), DateReading | Fault)


@given(st.text(alphabet="0123456789/-. ๐๑๒มี.ค.พศJanuary", max_size=25))
def test_nothing_that_looks_like_a_date_makes_the_reader_fail(written: str) -> None:
    assert isinstance(parse_date(written), DateReading | Fault)
