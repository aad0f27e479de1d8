"""The ledger of places: what each employer was approved in a province, what is taken, and by which entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, select

from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.store.projections import Case, Quota, QuotaMove
from workflow.visibility import case_seen, visible_to


@dataclass(frozen=True, slots=True)
class Line:
    """The places of one request."""

    case: Case
    quota: Quota

    @property
    def approved(self) -> int:
        """Count the places that stand approved."""
        return self.quota.approved_men + self.quota.approved_women

    @property
    def used(self) -> int:
        """Count the places that are taken."""
        return self.quota.used_men + self.quota.used_women


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a request's ledger: how many places came (above nothing) or went, by which entry of which case."""

    on: date
    flow: str
    step: str
    title: str
    reference: str
    sex: str
    change: int


def ledger(desk: Desk, actor: Actor, employer: str | None = None, *, ended: bool = False) -> list[Line]:
    """List the requests with places that an actor may see, by employer; those that ended only when asked for."""
    asked = select(Case, Quota).join(Quota, Quota.request == Case.subject).where(visible_to(desk, actor))
    if employer is not None:
        asked = asked.where(Quota.employer == employer)
    if not ended:
        asked = asked.where(Case.live)
    rows: Sequence[Row] = desk.session.execute(asked.order_by(Case.title, Case.reference)).all()
    return [Line(*row) for row in rows]


def movements(desk: Desk, actor: Actor, reference: str) -> tuple[Case, list[Movement]]:
    """Give the ledger of one request, the newest first; raises CaseNotFound for a foreign one."""
    request = case_seen(desk, actor, reference)
    asked = (
        select(QuotaMove, Case)
        .join(Case, Case.subject == QuotaMove.subject)
        .where(QuotaMove.request == request.subject)
        .order_by(QuotaMove.moved_on.desc(), Case.reference.desc(), QuotaMove.number.desc())
    )
    return request, [
        Movement(move.moved_on, case.flow, move.step, case.title, case.reference, move.sex, move.change)
        for move, case in desk.session.execute(asked).all()
    ]
