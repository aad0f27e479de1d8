"""The day-closing sheet says what the day's events say, and a later verification is held against its paper."""

import io
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pypdfium2
import pytest
from click.testing import Result
from flask.testing import FlaskClient
from sqlalchemy import select

import pdf
from tests.driving import WHY, does, papers
from tests.signing_in import sign_in_as
from tests.test_cashday import paid
from tests.walking import words
from workflow import dayclosing, printing
from workflow.casework import Act
from workflow.cli import verify
from workflow.dayclosing import Closing, End, read_mark, verify_since
from workflow.demonstration import Season
from workflow.domain.thai import bangkok_date
from workflow.ledgers import Gap, Line
from workflow.store.chain import heads
from workflow.store.projections import FeeLine, RegisterEntry
from workflow.store.truth import EventRow
from workflow.workingprint import heading


@pytest.fixture
def busy(season: Season) -> Season:
    """An office on a day on which money was taken, papers printed, spoiled and voided."""
    (one,) = paid(season, 1)
    printed = papers(season, one, "cover_sheet")[0].subject
    for reason in ("", "แฟ้มที่สอง"):
        printing.hand_out(season.desk, season.cast["officer"], printed, Act(), reason)
    printing.spoil(season.desk, season.cast["officer"], printed, Act(), "กระดาษติด", "1")
    printing.hand_out(season.desk, season.cast["auditor"], printed, Act(), "ตรวจ")
    does(season, "officer", papers(season, one, "filing_receipt")[0].subject, "void_paper", WHY)
    season.desk.session.rollback()
    return season


def closed(season: Season, on: object = None) -> Closing:
    office = season.desk.session.scalars(
        select(RegisterEntry).filter_by(register="office", subject=season.cast["officer"].office)
    ).one()
    return dayclosing.closing_of(
        season.desk, season.cast["officer"], office, on or bangkok_date(season.desk.now())
    )


def test_a_sheet_counts_what_the_days_events_say(busy: Season) -> None:
    session, today = busy.desk.session, bangkok_date(busy.desk.now())
    day = closed(busy)
    steps = Counter(session.scalars(select(EventRow.step).filter_by(chain=day.office.subject)))
    assert day.printed("print_original") == 1
    assert day.printed("print_copy") == day.printed("spoil_sheet") == day.printed("print_audit_copy") == 1
    assert [one.reason for one in day.voided if one.key == "filing_receipt"] == [WHY.reason]
    assert day.ends[0].seq == heads(session)[day.office.subject].seq == steps.total()
    whole = [closed(busy, today - timedelta(days=back)) for back in range(200)]
    assert sum(one.events for one in whole) == steps.total()
    assert sum(len(one.money.receipts) for one in whole) == len(session.scalars(select(FeeLine.receipt)).all())
    for series in {given.series for one in whole for given in one.given}:
        every = [given for one in reversed(whole) for given in one.given if given.series == series]
        firsts, lasts = [[int(getattr(one, end).split("/")[0]) for one in every] for end in ("first", "last")]
        assert firsts == [1, *(last + 1 for last in lasts[:-1])], series
        assert dayclosing.series_label(series, str) != series


def test_a_chain_is_held_against_the_sheet_from_which_it_went_on(busy: Season) -> None:
    session = busy.desk.session
    day = closed(busy)
    mark = day.ends[0]
    does(busy, "officer", papers(busy, _worker(busy), "cover_sheet")[0].subject, "void_paper", WHY)
    typed = read_mark(f" {mark.mark[:-8]} {mark.mark[-8:]} ")
    assert typed is not None
    assert mark.hash.startswith(typed.hash)
    proof = verify_since(busy.desk, typed)
    assert (proof.sound, proof.events) == (True, heads(session)[mark.chain].seq - mark.seq + 1)

    def faults(one: End) -> list[str]:
        return [breach.text for breach in verify_since(busy.desk, one).breaches]

    assert faults(End(mark.chain, mark.seq, "0" * 32)) == ["has another hash than the sheet"]
    assert faults(End(mark.chain, mark.seq + 999, mark.hash)) == ["is on the sheet, but not in the register"]


def _worker(season: Season) -> str:
    return season.desk.session.scalars(select(FeeLine.application)).first()


@pytest.mark.parametrize("typed", ["", "PNR", "PNR/12", "PNR/12/abc", "PNR/x/0123456789abcdef", "PNR/1/0123456789ABCDEG"])
def test_what_is_no_code_of_a_sheet_is_not_read(typed: str) -> None:
    assert read_mark(typed) is None


def text_of(body: bytes) -> str:
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(body)))


def test_the_sheet_and_the_registers_print_and_an_auditors_print_is_an_audit_copy(
    busy: Season, client: FlaskClient
) -> None:
    client.get("/sign-in?lang=en")
    sign_in_as(client, "officer")
    day = closed(busy)
    page = client.get("/day-closing")
    assert day.ends[0].mark in words(page)
    sheet = text_of(client.get("/day-closing/print").data)
    assert (day.ends[0].mark in sheet, "AUDIT COPY" in sheet) == (True, False)
    paid_on = busy.desk.session.scalars(select(FeeLine.paid_on)).first()
    days = f"first={paid_on.isoformat()}&last={paid_on.isoformat()}"
    receipts = text_of(client.get(f"/day-closing/register?kind=receipts&{days}").data)
    for line in busy.desk.session.scalars(select(FeeLine).filter_by(paid_on=paid_on)):
        assert line.receipt in receipts
    assert client.get("/day-closing/register?kind=permits").mimetype == "application/pdf"
    assert client.get("/day-closing/register?kind=nonsense").status_code == 404
    assert client.get("/day-closing?office=elsewhere").status_code == 404
    client = client.application.test_client()
    client.get("/sign-in?lang=en")
    sign_in_as(client, "auditor")
    assert "AUDIT COPY" in text_of(client.get("/day-closing/print").data)
    assert "AUDIT COPY" in text_of(client.get("/day-closing/register?kind=permits").data)
    sound = client.get("/audit/verify", query_string={"what": "sheet", "sheet": day.ends[0].mark})
    assert "Everything is as it was recorded." in words(sound)
    wrong = client.get("/audit/verify?what=sheet&sheet=PNR/1/0000000000000000")
    assert "has another hash than the sheet" in words(wrong)
    assert "Type what stands on the sheet" in words(client.get("/audit/verify?what=sheet&sheet=x"))
    assert client.get("/audit/verify?what=sheet&sheet=ZZZ/1/0000000000000000").status_code == 404


def test_the_command_verifies_what_came_after_a_sheet(busy: Season, client: FlaskClient) -> None:
    mark = closed(busy).ends[0]
    busy.desk.session.rollback()

    def says(written: str) -> Result:
        return client.application.test_cli_runner().invoke(verify, ["--since", written])

    assert (says(mark.mark).exit_code, says(mark.mark).output.splitlines()[-1]) == (0, "sound")
    wrong = says(f"{mark.chain}/{mark.seq}/{'0' * 16}")
    assert (wrong.exit_code, "another hash" in wrong.output) == (1, True)
    assert says("nonsense").exit_code == 2


def test_a_register_is_summed_page_by_page_and_every_gap_counts_its_numbers(season: Season) -> None:
    on = bangkok_date(season.desk.now())
    lines = [Line(f"100 {n:05}", on, "PNR-64-2569-000001", "SOK", "", "paid", Decimal(100)) for n in range(1, 21)]
    lines.insert(5, Gap("100 00006", "100 00008", 3, "too many to name", {}))
    say, explained = str, str
    officer, days = season.cast["officer"], (on, on)
    told = dayclosing.register_record(season.desk, officer, "receipts", days, lines, say, explained)["register"]
    pages = told["pages"]
    assert [len(page["lines"]) for page in pages] == [dayclosing.LINES_A_PAGE, 21 - dayclosing.LINES_A_PAGE]
    assert sum(Decimal(page["sum"]) for page in pages) == Decimal(told["total"]) == 2000
    assert (told["count"], told["gaps"]) == (20, 3)
    whole = {**heading(season.desk, officer, officer.office), "register": told}
    body = pdf.render(dayclosing.REGISTER, whole)
    with pypdfium2.PdfDocument(io.BytesIO(body)) as printed:
        assert len(printed) == 2
