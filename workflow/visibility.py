"""What an actor may see: one function that every list, page, export, paper and verb goes through."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from workflow.desk import Desk
from workflow.domain.actor import Actor, OfficeKind, Role
from workflow.store.history import CaseNotFound
from workflow.store.projections import Case, Document, Employment, RegisterEntry


def visible_to(desk: Desk, actor: Actor) -> ColumnElement[bool]:
    """Give the condition on cases that an actor may see; closed by default."""
    match actor.role:
        case Role.SYSTEM:
            return true()
        case Role.EMPLOYER | Role.AGENT if actor.employer:
            return belongs_to(actor.employer)
        case Role.OFFICER | Role.CASHIER if actor.office_kind is OfficeKind.DISTRICT:
            return Case.office == actor.office
        case Role.OFFICER | Role.CASHIER | Role.REGISTRAR:
            return Case.office.in_(offices_of(desk, actor.province))
        case Role.AUDITOR:
            return Case.office.in_(offices_of(desk, actor.province)) if actor.province else true()
        case Role.HOSPITAL if actor.hospital:
            return and_(Case.flow == "application", Case.hospital == actor.hospital)
        case Role.CHECKPOINT if actor.gate:
            before = or_(Case.flow == "application", Case.flow == "request")
            return and_(or_(before, and_(Case.flow == "permit", Case.live)), Case.gate == actor.gate)
        case Role.WORKER if actor.worker:
            return Case.worker == actor.worker
    return false()


def papers_visible_to(desk: Desk, actor: Actor) -> ColumnElement[bool]:
    """Give the condition on papers that an actor may see: of the cases in sight, and of orders on employers."""
    employers = select(RegisterEntry.subject).filter_by(register="employer")
    of_cases = Document.owner.in_(select(Case.subject).where(visible_to(desk, actor)))
    match actor.role:
        case Role.EMPLOYER | Role.AGENT if actor.employer:
            return or_(of_cases, Document.owner == actor.employer)
        case Role.OFFICER | Role.REGISTRAR:
            return or_(of_cases, Document.owner.in_(employers))
        case Role.AUDITOR:
            mine = Document.office.in_(offices_of(desk, actor.province)) if actor.province else true()
            return or_(of_cases, and_(Document.owner.in_(employers), mine))
    return of_cases


def belongs_to(employer: str) -> ColumnElement[bool]:
    """Give the condition on cases of one employer: its own filings, and permits through its own employment only."""
    employed = select(Employment.permit).where(Employment.employer == employer)
    own = and_(Case.flow != "permit", Case.employer == employer)
    return or_(own, and_(Case.flow == "permit", Case.subject.in_(employed)))


def offices_of(desk: Desk, province: str | None) -> list[str]:
    """List the offices of a province."""
    rows = desk.session.execute(
        select(RegisterEntry.subject, RegisterEntry.stated).filter_by(register="office")
    )
    return [row.subject for row in rows if row.stated["province"] == province]


def case_seen(desk: Desk, actor: Actor, reference: str) -> Case:
    """Find a case by its reference or subject; raises CaseNotFound when it is not there or not the actor's."""
    wanted = select(Case).where(
        or_(Case.reference == reference, Case.subject == reference), visible_to(desk, actor)
    )
    case = desk.session.scalar(wanted) if reference.isprintable() else None
    if case is None:
        raise CaseNotFound(reference)
    return case
