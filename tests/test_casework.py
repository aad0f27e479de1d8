"""Casework: the verbs drive a worker from a list to a permit, once, by the right persons."""

from sqlalchemy import select

from workflow.demonstration import Season
from workflow.domain.namelist import ListRow
from workflow.store.projections import Case, Document

ROWS = (
    ListRow(row=7, name_latin="KIM KOSAL", sex="M", pass_number="PL160816", age=47),
    ListRow(row=8, name_latin="NUON SREYMOM", sex="F", pass_number="BB545140", birth_year=1999),
)


def test_every_worker_of_a_list_is_driven_to_a_permit(season: Season) -> None:
    request = season.request(ROWS)
    applications = list(season.desk.session.scalars(select(Case.subject).filter_by(flow="application")))
    issued = season.drive(applications)
    states = dict(
        season.desk.session.execute(select(Case.subject, Case.state).filter_by(flow="application")).all()
    )
    assert request.state == "running"
    assert season.left == []
    assert sorted(issued) == sorted(applications)
    assert set(states.values()) == {"issued"}
    assert len(list(season.desk.session.scalars(select(Case).filter_by(flow="permit", state="active")))) == 2
    assert len(list(season.desk.session.scalars(select(Document).filter_by(key="permit_record")))) == 2
