"""What may begin from the page of a case: the renewal or substitute of a permit, another employer, an appeal."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask_babel import gettext

from workflow.appeals import may_appeal
from workflow.desk import Desk
from workflow.domain import renewal_policies as then
from workflow.domain.actor import Actor, Role
from workflow.domain.flow import Refusal
from workflow.domain.flows import step_label
from workflow.domain.record import Facts, Record
from workflow.domain.spells import employers_now
from workflow.domain.words import N_
from workflow.web.ways import case_address

ASKERS = frozenset({Role.EMPLOYER, Role.AGENT, Role.OFFICER})


@dataclass(frozen=True, slots=True)
class Beginning:
    """A way to a new case: its address, its words, what stands against it, whether it is the next thing to do."""

    href: str
    label: str
    against: tuple[Refusal, ...] = ()
    urged: bool = False


def beginnings(desk: Desk, actor: Actor, record: Record, facts: Facts) -> Iterator[Beginning]:
    """List what an actor may begin from a case."""
    if actor.role not in ASKERS:
        return
    at = case_address(record.reference)
    if may_appeal(desk, actor, record):
        yield Beginning(f"{at}/appeal", gettext(N_("File an appeal")), urged=actor.role is not Role.OFFICER)
    if record.flow == "permit" and record.state == "active":
        yield from _of_permit(actor, record, facts, at)


def _of_permit(actor: Actor, permit: Record, facts: Facts, at: str) -> Iterator[Beginning]:
    known = replace(facts, related={**facts.related, "permit": permit})
    employs = actor.role is Role.OFFICER or actor.employer in employers_now(permit)
    if employs and employers_now(permit) and "renewal_filed" not in permit.flags:
        early = then.renewal_is_open(permit, None, actor, known)
        label = gettext(step_label("application", "open_renewal"))
        yield Beginning(f"{at}/begin/open_renewal", label, (early,) if early else (), urged=early is None)
    if employs and "lost" in permit.flags:
        label = gettext(step_label("application", "open_substitute"))
        yield Beginning(f"{at}/begin/open_substitute", label, urged=True)
    if actor.role is Role.OFFICER:
        yield Beginning(f"{at}/employers/new", gettext(N_("Change or add an employer")))
