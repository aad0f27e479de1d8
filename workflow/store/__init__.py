"""What the office keeps: events that nobody can change, and the copies of them that lists read from.

Truth       truth.py     the tables that are only ever added to, and the triggers that hold to it
            chain.py     append an event, read events back, verify every hash
            payloads.py  what was stated, sealed under the key of the person it is about
            files.py     uploads and papers, sealed on disk
            access.py    who read whose data
            rulesets.py  each text of the law ever used, by its digest
Keys        keys.py      the master key and the secrets of one office's server
Copies      counters.py  gapless numbers; projections.py, what lists and searches read
Engine      sqlite.py, database.py   one code path over SQLite and PostgreSQL
Safe-keeping backup.py   a consistent copy of a running office, and the way back
"""
