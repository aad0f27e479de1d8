"""What an employer has to answer: the lists of what is missing, and the orders against him that are lately made."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from workflow import lookups
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.answers import Answer, answers
from workflow.domain.thai import bangkok_date
from workflow.store.projections import Case
from workflow.visibility import belongs_to, visible_to

SHOWN_FOR = timedelta(days=60)
"""So long an order stays on the first page: past the days to appeal."""
MOST = 30
STANDS = ("incomplete", "refused", "revoked", "disqualified", "failed", "returned")


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A case with what is to be answered in it."""

    case: Case
    answer: Answer


def to_answer(desk: Desk, actor: Actor, employer: str) -> list[ToAnswer]:
    """List what an employer has to answer or may appeal, the nearest last day first."""
    since = desk.now() - SHOWN_FOR
    mine = select(Case).where(belongs_to(employer), visible_to(desk, actor), Case.state.in_(STANDS))
    lately = mine.where(Case.live | (Case.moved_at >= since)).order_by(Case.moved_at.desc()).limit(MOST)
    found = [
        ToAnswer(case, one)
        for case in desk.session.scalars(lately)
        for one in answers_of(desk, actor, case.subject)
    ]
    late = bangkok_date(desk.now()) + SHOWN_FOR
    return sorted(found, key=lambda one: (one.answer.by or one.answer.appeal_by or late, one.case.reference))


def answers_of(desk: Desk, actor: Actor, subject: str) -> tuple[Answer, ...]:
    """List what stands to be answered in a case."""
    record = desk.record(subject)
    return answers(record, lookups.facts_for(desk, record, None, actor, desk.now()))
