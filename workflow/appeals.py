"""Appeals: against which order of a case one may be filed, and the filing."""

from workflow import casework
from workflow.casework import Act, Performed
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.appeal import AppealFiled
from workflow.domain.appeal_policies import ADVERSE
from workflow.domain.kinds import on_permit
from workflow.domain.policies import newest_order
from workflow.domain.record import Done, Record
from workflow.store.projections import Case


def adverse_order(record: Record) -> Done | None:
    """Give the order of a case that may be appealed; None where none stands."""
    return newest_order(record) if (record.flow, record.state) in ADVERSE else None


def about_order(case: Case, record: Record) -> dict[str, object]:
    """Give what an appeal says of its case before anybody types: the case, its order, whom it concerns."""
    order, opened = adverse_order(record), on_permit(record.history[0].evidence)
    permit = record.subject if record.flow == "permit" else (opened.permit if opened else "")
    return {
        "case": record.subject,
        "order": order.number if order else 0,
        "worker": case.worker or "",
        "employer": case.employer or "",
        "permit": permit,
    }


def file_appeal(desk: Desk, actor: Actor, record: Record, stated: AppealFiled, act: Act) -> Performed:
    """File an appeal in the chain of the case, sealed under the key of whom the case is about; raises Refused."""
    key = casework.key_of(desk, record.subject)
    return casework.begin(
        desk, actor, "appeal", "file_appeal", stated, act, chain=record.office, key=key
    )
