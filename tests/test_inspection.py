"""The pack for an inspection: the workers of one employer as they stand, and which duties are late."""

from datetime import timedelta

import pypdfium2

from tests.conftest import TODAY
from tests.test_deadlines import ORCHARD, SECOND, permit
from workflow import demonstration, inspection
from workflow.desk import Desk
from workflow.store.projections import RegisterEntry


def test_the_pack_counts_lists_and_names_what_is_late(desk: Desk, cast: demonstration.Cast) -> None:
    for number in (0, 1):
        permit(desk, cast.entries["orchard"], number, TODAY - timedelta(days=29 * number))
    permit(desk, cast.entries["orchard2"], 2, TODAY)
    entries = {entry.reference: entry for entry in desk.session.query(RegisterEntry).filter_by(register="employer")}
    for user in ("officer", "owner"):
        pack = inspection.print_record(desk, cast[user], entries[ORCHARD], str)["inspection"]
        ((place, workers),) = ((site["place"], site["workers"]) for site in pack["places"])
        assert (pack["count"], pack["may_work"], len(pack["waiting"]), place) == (2, 2, 0, "สวน")
        assert [worker["permit"] for worker in workers] == ["1/0", "1/1"]
        assert workers[0]["late"] == []
        assert set(workers[1]["late"]) == {one["label"] for one in pack["late"]} != set()
    assert inspection.print_record(desk, cast["owner2"], entries[ORCHARD], str)["inspection"]["count"] == 0
    body = inspection.printed(desk, cast["officer"], entries[SECOND], str)
    assert "SOK SOPHEAKTRA C" in pypdfium2.PdfDocument(body)[0].get_textpage().get_text_range()
