"""Appeals: against which order of a case one may be filed, and the filing."""

from workflow import casework, lookups
from workflow.casework import Act, Performed
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.appeal import AppealFiled
from workflow.domain.appeal_policies import adverse_order
from workflow.domain.flow import refusals
from workflow.domain.flows import FLOWS
from workflow.domain.kinds import on_permit
from workflow.domain.record import Record
from workflow.domain.spells import employers_cut
from workflow.store.projections import Case


def parties(actor: Actor, case: Case, record: Record) -> tuple[str, ...]:
    """List the employers for whom an actor may appeal: of a revoked permit, those whose work it cut; a worker for none."""
    if actor.employer:
        return (actor.employer,)
    if actor.role is Role.WORKER:
        return ()
    return employers_cut(record) if record.flow == "permit" else tuple(filter(None, (case.employer,)))


def about_order(case: Case, record: Record, employer: str = "") -> dict[str, object]:
    """Give what an appeal says of its case before anybody types: the case, its order, whom it concerns."""
    order, opened = adverse_order(record), on_permit(record.history[0].evidence)
    permit = record.subject if record.flow == "permit" else (opened.permit if opened else "")
    return {
        "case": record.subject,
        "order": order.number if order else 0,
        "worker": case.worker or "",
        "employer": employer,
        "permit": permit,
    }


def may_appeal(desk: Desk, actor: Actor, record: Record) -> bool:
    """Say whether an appeal by an actor would be taken as the case stands, whatever its grounds."""
    case = desk.session.get(Case, record.subject)
    if case is None or adverse_order(record) is None:
        return False
    new = Record(flow="appeal", subject="", reference="", office=record.office)
    (row,) = FLOWS["appeal"].rows("file_appeal")
    tried = (AppealFiled(**about_order(case, record, one), grounds="-") for one in parties(actor, case, record) or ("",))
    return any(
        not refusals(FLOWS["appeal"], row, new, stated, actor, lookups.facts_for(desk, new, stated, actor, desk.now()))
        for stated in tried
    )


def about_bar(employer: Record) -> dict[str, object]:
    """Give what an appeal against a bar says before anybody types."""
    bar = adverse_order(employer)
    return {"case": employer.subject, "order": bar.number if bar else 0, "employer": employer.subject}


def file_appeal(desk: Desk, actor: Actor, record: Record, stated: AppealFiled, act: Act) -> Performed:
    """File an appeal, sealed under the key of whom the case is about; raises Refused.

    It lies with the office of the case; against a bar, with the office that made the order: the entry of an
    employer may be nobody's.
    """
    order = adverse_order(record) if record.flow == "employer" else None
    chain = order.office if order and order.office else record.office
    key = casework.key_of(desk, record.subject)
    return casework.begin(desk, actor, "appeal", "file_appeal", stated, act, chain=chain, key=key)
