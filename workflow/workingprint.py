"""The head of a working print: when it was made, for which office, by whom."""

from typing import Any

from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.store.projections import RegisterEntry


def heading(desk: Desk, actor: Actor, office: str | None, **said: str) -> dict[str, Any]:
    """Gather what stands at the head and foot of a print made on the spot; `said` is told of the print itself."""
    entry = desk.session.get(RegisterEntry, office or "")
    return {
        "document": {"made_at": desk.now().isoformat(), "specimen": desk.demonstration, **said},
        "office": dict(entry.stated) if entry else {},
        "actor": {"name": actor.name, "position": actor.position},
    }
