"""A second verifier, which shares no code with the first: `python tests/mini_verify.py office.db [CHECKPOINT]`.

It needs the standard library and the file only, no key: it proves the order and the bytes of all chains.
"""

import hashlib
import json
import sqlite3
import sys

TAGS = {"event": b"saphan event 1\n", "access_log": b"saphan reading 1\n"}


def mini_verify(
    path: str, checkpoint: dict[str, tuple[int, str]] | None = None
) -> dict[str, tuple[int, str]]:
    """Give where each chain ends; raise ValueError at the first event that is not as it was stored."""
    ends: dict[str, tuple[int, str]] = {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        for table, tag in TAGS.items():
            for chain, seq, stored, found in database.execute(
                f"SELECT chain, seq, bytes, hash FROM {table} ORDER BY chain, seq"
            ):
                last, before = ends.get(chain, (0, "00" * 32))
                told = json.loads(stored)
                hashed = hashlib.sha256(tag + bytes.fromhex(before) + stored).hexdigest()
                if (seq, told["seq"], told["before"], found.hex()) != (last + 1, last + 1, before, hashed):
                    raise ValueError(f"{chain} {last + 1}")
                ends[chain] = (seq, hashed)
                if (
                    checkpoint
                    and checkpoint.get(chain, (0, ""))[0] == seq
                    and checkpoint[chain] != ends[chain]
                ):
                    raise ValueError(f"{chain} {seq} is not that of the checkpoint")
    database.close()
    for chain, (seq, _) in (checkpoint or {}).items():
        if ends.get(chain, (0, ""))[0] < seq:
            raise ValueError(f"{chain} ends before the checkpoint")
    return ends


def read(checkpoint: str) -> dict[str, tuple[int, str]]:
    rows = [line.split(" ", 2) for line in checkpoint.splitlines()[1:-1]]
    return {chain: (int(seq), hashed) for hashed, seq, chain in rows}


if __name__ == "__main__":
    known = read(open(sys.argv[2]).read()) if sys.argv[2:] else None  # noqa: SIM115
    for name, (length, end) in mini_verify(sys.argv[1], known).items():
        print(end, length, name)
