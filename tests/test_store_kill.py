"""A writer killed at any moment: what was acknowledged is stored, the rest is whole or not there at all."""

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stores import NOON, Store, on_sqlite
from workflow.store.chain import events_of
from workflow.store.files import sweep
from workflow.store.verify import verify_chain, verify_files

pytest_plugins = ["tests.store_fixtures"]
ROOM = 700_000
ROOT = Path(__file__).resolve().parent.parent


def kill_after(store: Store, subject: str, acts: int) -> int:
    """Start a writer, kill it with no warning after some acts; give the last that it acknowledged."""
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.keep_writing", url, str(store.folder), subject]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        acknowledged = [writer.stdout.readline() for _ in range(acts)]
        writer.kill()
        acknowledged += writer.stdout.readlines()
    return int(acknowledged[-1])


@pytest.mark.parametrize("acts", [1, 9])
def test_what_was_acknowledged_survives_a_kill(store: Store, acts: int):
    acknowledged = kill_after(store, "req-1", acts)
    with store.reading() as session:
        stored = [entry.envelope.number for entry in events_of(session, "req-1")]
        assert verify_chain(session).breaches == []
        assert verify_files(session).breaches == []
    assert stored == list(range(1, len(stored) + 1))
    assert acknowledged <= len(stored) <= acknowledged + 1


def test_after_several_kills_work_goes_on_without_a_gap(store: Store):
    acknowledged = sum(kill_after(store, f"req-{turn}", 3 + turn) for turn in range(2))
    with store.reading() as session:
        verdict = verify_chain(session)
        assert verify_files(session).breaches == []
        sweep(session, now=NOON)
    assert verdict.breaches == []
    assert acknowledged <= verdict.heads["CTI"].seq <= acknowledged + 2
    store.record("req-9")


def _little_room() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


@on_sqlite
def test_a_disk_that_fills_up_loses_nothing_acknowledged(store: Store):
    command = [sys.executable, "-m", "tests.keep_writing", str(store.engine.url), str(store.folder), "req-1"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, preexec_fn=_little_room, timeout=200, check=False
    )
    acknowledged = int(done.stdout.split()[-1])
    assert done.returncode != 0
    assert "disk" in done.stderr
    with store.reading() as session:
        verdict = verify_chain(session)
        assert verify_files(session).breaches == []
    assert verdict.breaches == []
    assert verdict.heads["CTI"].seq == acknowledged
    store.record("req-1", acknowledged + 1)
