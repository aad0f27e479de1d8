"""The demonstration: invented people of Pong Nam Ron drive real cases through the same verbs as the screens.

Everything in it is plainly invented; it serves in demonstration mode only.
"""

from workflow.demonstration.chance import Calendar, Chance
from workflow.demonstration.invention import Invention
from workflow.demonstration.people import Cast, cast
from workflow.demonstration.season import Season

__all__ = ["Calendar", "Cast", "Chance", "Invention", "Season", "cast"]
