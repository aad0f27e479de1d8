"""The notice to immigration of where a worker lives (TM.30), for one who has entered and has no permit yet."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.words import N_


@dataclass(frozen=True, kw_only=True)
class HousingNotice(Evidence):
    """That the owner of the house told immigration of the arrival (Immigration Act B.E. 2522, section 38)."""

    given_on: date = asked(N_("Notice given on"), Ask.DATE)
    number: str = asked(N_("Receipt number of the notice"), default="")
