"""A name that the office misspelt is put right everywhere: register, files, permit, and each standing paper."""

from sqlalchemy import select

from tests.driving import corrected, does, opened, propose, record
from tests.onward import near_the_end, opens, permitted, renewal, worker_of
from workflow import tokens, vouching
from workflow.demonstration import Season
from workflow.domain.application import TravelDocument
from workflow.domain.masking import initials
from workflow.domain.validity import current_pass
from workflow.naming import papers_to_replace
from workflow.store.projections import Case, Document, Worker
from workflow.verification import verify

RIGHT = "SOK THEARITH"


def naming(season: Season, name: str) -> list[Document]:
    """List the standing papers that print a name."""
    season.desk.session.rollback()
    standing = season.desk.session.scalars(select(Document).where(Document.state != "void")).all()
    return [paper for paper in standing if f'"{name}"' in _printed(season, paper)]


def _printed(season: Season, paper: Document) -> str:
    facts = record(season, paper.subject).history[0].evidence.facts
    application = facts.get("application") or {}
    parts = (facts.get("worker") or {}, application.get("identity") or {}, *(facts.get("lines") or ()))
    return "|".join(f'"{part.get("name_latin")}"' for part in parts)


def test_an_error_of_the_office_is_put_right_on_every_file_permit_and_paper(season: Season) -> None:
    permit = permitted(season)
    first = record(season, permit).history[0].evidence.application
    worker, wrong = worker_of(season, permit), record(season, first).last("check_identity").evidence.name_latin
    near_the_end(season, permit)
    later = opens(season, "owner", "open_renewal", renewal(season, permit)).record.subject
    named = {paper.subject: paper.number for paper in naming(season, wrong)}
    kinds = {paper.key for paper in naming(season, wrong)}
    assert {"permit_record", "bt29"} <= kinds
    propose(season, first, "check_identity", name_latin=RIGHT)

    told = papers_to_replace(season.desk, season.cast["clerk"], record(season, first))
    assert {paper.subject for paper in told} >= set(named)
    foretold = {paper.number for paper in told}
    does(season, "clerk", first, "confirm_correction")

    assert season.desk.session.get(Worker, worker).name_latin == RIGHT
    assert record(season, later).last("keep_identity").evidence.name_latin == RIGHT
    assert {case.title for case in season.desk.session.scalars(select(Case).filter_by(worker=worker))} == {RIGHT}
    assert naming(season, wrong) == []
    anew = {paper.replaces for paper in naming(season, RIGHT)}
    assert anew == foretold
    for subject in named:
        assert season.desk.session.get(Document, subject).state == "void"
    cards = [paper for paper in naming(season, RIGHT) if paper.key == "permit_record"]
    (signed,) = [record(season, paper.subject).history[0].evidence.facts["document"] for paper in cards]
    token = tokens.read(signed["signed_url"], vouching.public_keys(season.desk))
    assert (token.number, token.name) == (cards[0].number, initials(RIGHT))
    assert verify(season.desk).sound


def test_what_was_told_by_a_later_entry_of_its_own_is_left_alone(season: Season) -> None:
    """A pass that was re-issued since is no copy of the one that was mistyped first."""
    (first,) = opened(season)
    assert season.drive([first], until="requested") == [first]
    checked = record(season, first).last("check_identity").evidence
    again = TravelDocument(
        pass_number="BB909090", pass_province=checked.pass_province, pass_issued_on=checked.pass_issued_on,
        pass_expires_on=checked.pass_expires_on, reason="หาย",
    )  # fmt: skip
    does(season, "officer", first, "replace_travel_document", again)
    corrected(season, first, "check_identity", pass_number="BB909091", name_latin=RIGHT)
    assert current_pass(record(season, first)).pass_number == "BB909090"
    worker = record(season, first).history[0].evidence.worker
    row = season.desk.session.get(Worker, worker)
    assert (row.name_latin, row.pass_key) == (RIGHT, "BB909090")
    assert verify(season.desk).sound
