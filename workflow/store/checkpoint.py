"""What someone outside the office keeps, so that nobody inside can rewrite the past: where each chain stood.

A checkpoint is a few lines of text, to be sent to another office, printed on the daily report or held by the
auditor; verification against it finds a chain that was made anew or cut short.
"""

import re
from collections.abc import Mapping
from hashlib import sha256

from workflow.store.chain import Head

TITLE = "saphan checkpoint 1"
LINE = re.compile(r"(?P<hash>[0-9a-f]{64}) (?P<seq>\d+) (?P<chain>\S.*)")


class NoCheckpoint(Exception):
    """The text is no checkpoint, or was changed on its way."""


def write_checkpoint(heads: Mapping[str, Head]) -> str:
    """Write where the chains stand, one a line, closed by one digest over all: what to print or read out."""
    lines = [f"{head.hash.hex()} {head.seq} {chain}" for chain, head in sorted(heads.items())]
    return "\n".join([TITLE, *lines, digest_of(heads), ""])


def digest_of(heads: Mapping[str, Head]) -> str:
    """Give the one digest that stands for all chains."""
    lines = "".join(f"{head.hash.hex()} {head.seq} {chain}\n" for chain, head in sorted(heads.items()))
    return sha256(f"{TITLE}\n{lines}".encode()).hexdigest()


def read_checkpoint(text: str) -> dict[str, Head]:
    """Read a checkpoint back; raises NoCheckpoint."""
    lines = text.strip().splitlines()
    matches = [LINE.fullmatch(line) for line in lines[1:-1]]
    heads = {m["chain"]: Head(int(m["seq"]), bytes.fromhex(m["hash"])) for m in matches if m}
    if not lines or lines[0] != TITLE or lines[-1] != digest_of(heads) or None in matches:
        raise NoCheckpoint("this is not a whole checkpoint")
    return heads
