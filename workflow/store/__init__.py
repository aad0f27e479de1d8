"""What the office keeps: events that nobody can change, and the copies of them that lists read from.

Truth         truth.py        the tables that are only ever added to, and the triggers that hold to it
              chain.py        append an event, read events back; canonical.py: the one way to write it down
              payloads.py     what was stated, sealed under the key of the one it is about, until it is erased
              files.py        uploads and papers, sealed on disk
              access.py       who read whose data
              rulesets.py     each text of the law ever used, by its digest
Copies        projections.py  what lists and searches read; projecting.py: how an event changes them
              history.py      a case folded from its events
              counters.py     numbers without a gap
Verification  verify.py       everything; links.py: a chain, link by link; lenient.py: columns as found
              checkpoint.py   what someone outside keeps, so that nobody inside can rewrite the past
Secrets       keys.py         the master key and the session secret
              accounts.py factors.py passwords.py attempts.py visits.py   what signing in needs
Passing       previews.py     name lists that nobody has confirmed yet
Engine        sqlite.py database.py schema.py start.py roles.py   one code path over SQLite and PostgreSQL
Safe-keeping  backup.py       a copy of a running office, and the way back; archive.py: the file it is in
"""
