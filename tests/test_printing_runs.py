"""Many originals in one act: the file counts nothing, sheets in hand count once, what is left out is named."""

import io
from collections import Counter

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.driving import WHY, does, opened, papers
from tests.signing_in import sign_in_as
from tests.walking import read, words
from workflow import printing, printrun
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.documents import DOCUMENTS
from workflow.domain.thai import bangkok_date
from workflow.printrun import Turn
from workflow.store.history import record_of
from workflow.store.projections import Case, Document
from workflow.store.truth import AccessRow
from workflow.verification import verify


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    """A browser whose reader chose English."""
    client.get("/sign-in?lang=en")
    return client


@pytest.fixture
def request_case(season: Season) -> Case:
    """A request of two workers with papers made, one printed already and one not made yet."""
    desk = season.desk
    one, two = opened(season, 2)
    assert season.drive([one, two], until="requested") == [one, two]
    waits = papers(season, two, "medical_referral")[-1].subject
    for paper in printing.owed(desk):
        if paper != waits:
            printing.make(desk, paper)
    printing.hand_out(desk, season.cast["officer"], papers(season, one, "cover_sheet")[0].subject, Act())
    return desk.session.scalars(select(Case).filter_by(flow="request")).one()


def lives(season: Season) -> Counter[str]:
    """Count the entries of all papers by step."""
    season.desk.session.rollback()
    every = season.desk.session.scalars(select(Document.subject)).all()
    return Counter(done.step for paper in every for done in record_of(season.desk.session, paper).history)


def send(client: FlaskClient, page: TestResponse, to: str, **typed: object) -> TestResponse:
    """Send the form of a page on, ticked as it stands."""
    fields = MultiDict(read(page).fields)
    for name, value in typed.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    return client.post(to, data=fields)


def text_of(body: bytes) -> list[str]:
    """Read the sheets of a file one by one."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(body))]


def chosen(page: TestResponse) -> list[str]:
    """Give the papers that a page offers with a tick."""
    return read(page).fields.getlist("paper")


def test_all_originals_of_a_request_are_printed_in_one_act_and_counted_once(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    before = lives(season)
    page = english.get(f"/print?case={request_case.reference}")
    every = season.desk.session.scalars(select(Document).where(Document.state != "void")).all()
    owed = [paper for paper in every if paper.state == "owed"]
    out = [paper for paper in every if paper.original_out]
    assert (len(owed), len(out)) == (1, 1)
    ticked = chosen(page)
    assert sorted(ticked) == sorted(p.subject for p in every if p not in owed + out)
    tray = list(DOCUMENTS)
    keys = [season.desk.session.get(Document, paper).key for paper in ticked]
    assert keys == sorted(keys, key=tray.index)
    assert "Not made yet, stay out of this file: 1" in words(page)
    assert owed[0].number in words(page)

    sheets = send(english, page, "/print/sheets")
    batch = read(sheets).fields["batch"]
    sign = {"batch": batch, "csrf_token": read(sheets).fields["csrf_token"]}
    file = english.post("/print/file", data=sign | {"paper": ticked})
    assert file.mimetype == "application/pdf"
    assert not any("COPY" in sheet for sheet in text_of(file.data))
    assert lives(season) == before, "a view counts nothing"
    assert (
        season.desk.session.scalars(select(AccessRow.bytes)).all()[-1].find(b"originals for the printer") > 0
    )

    confirming = sign | {"paper": ticked[1:]}
    result = english.post("/print/confirm", data=confirming | {"case": request_case.reference})
    assert f"Originals handed out: {len(ticked) - 1} of {len(ticked) - 1}" in words(result)
    after = lives(season)
    assert after - before == {"print_original": len(ticked) - 1}
    again = english.post("/print/confirm", data=confirming)
    assert f"Originals handed out: {len(ticked) - 1}" in words(again)
    assert lives(season) == after, "the same run again counts nothing"
    assert english.post("/print/file", data=confirming).status_code == 404, "clean originals come once"
    left = english.get(f"/print?case={request_case.reference}")
    assert chosen(left) == ticked[:1]
    assert verify(season.desk).sound


def test_a_paper_printed_before_comes_as_a_numbered_copy_by_choice_and_with_its_reason(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    page = english.get(f"/print?case={request_case.reference}")
    out = season.desk.session.scalars(select(Document.subject).filter_by(original_out=True)).one()
    first = chosen(page)[0]
    nothing = send(english, page, "/print/sheets", paper=[])
    assert (nothing.status_code, "Choose at least one paper." in words(nothing)) == (422, True)
    without = send(english, page, "/print/sheets", paper=[first, out])
    assert (without.status_code, "Say why a further copy is printed." in words(without)) == (422, True)
    for _ in range(2):
        sheets = send(english, page, "/print/sheets", paper=[first, out], reason="แฟ้มของอำเภอ")
        assert "Copy 1" in words(sheets)
    assert lives(season)["print_copy"] == 1
    typed = {"batch": read(sheets).fields["batch"], "csrf_token": read(sheets).fields["csrf_token"]}
    file = english.post("/print/file", data=typed | {"paper": [first, out]})
    marked = ["COPY 1" in sheet for sheet in text_of(file.data)]
    assert (any(marked), all(marked)) == (True, False)


def test_an_original_taken_meanwhile_or_of_another_is_not_counted(season: Season, request_case: Case) -> None:
    desk, cast = season.desk, season.cast
    places = [p for p in printrun.of_case(desk, cast["officer"], request_case) if p.turn is Turn.ORIGINAL]
    taken, free = places[0].paper.subject, places[1].paper.subject
    printing.hand_out(desk, cast["clerk"], taken, Act())
    results = list(
        printrun.confirm(desk, cast["officer"], printrun.chosen(desk, cast["officer"], [taken, free]), "run")
    )
    assert {result.subject: result.done for result in results} == {taken: False, free: True}
    every = list(desk.session.scalars(select(Document.subject)))
    assert printrun.chosen(desk, cast["owner2"], every) == []
    mine = printrun.chosen(desk, cast["owner"], every)
    originals = {place.paper.key for place in mine if place.turn is Turn.ORIGINAL}
    assert originals == {key for key in originals if DOCUMENTS[key].signed_by_employer}
    foreign = [place for place in mine if not DOCUMENTS[place.paper.key].signed_by_employer]
    assert foreign
    assert list(printrun.confirm(desk, cast["owner"], foreign, "x")) == []


def test_the_papers_of_a_day_are_printed_together(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    on = bangkok_date(
        season.desk.session.scalars(select(Document.owed_at).filter_by(key="cover_sheet")).first()
    )
    assert chosen(english.get(f"/print?on={on.isoformat()}"))
    assert chosen(english.get("/print?on=2020-01-01")) == []
    assert english.get("/print?on=nonsense&kind=nonsense").status_code == 200
    kind = english.get(f"/print?on={on.isoformat()}&kind=cover_sheet")
    assert {season.desk.session.get(Document, paper).key for paper in chosen(kind)} == {"cover_sheet"}
    other = english.application.test_client()
    sign_in_as(other, "auditor")
    assert other.get("/print").status_code == 403


def test_a_paper_voided_after_it_was_chosen_is_told_and_not_counted(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    page = english.get(f"/print?case={request_case.reference}")
    void, standing = chosen(page)[:2]
    sheets = send(english, page, "/print/sheets", paper=[void, standing])
    does(season, "officer", void, "void_paper", WHY)
    result = send(english, sheets, "/print/confirm")
    assert "Originals handed out: 1 of 2" in words(result)
    assert "It was voided meanwhile." in words(result)
    assert lives(season)["print_original"] == 2, "the one printed before, and the one that stands"
