"""The permit process of a Section 64 worker, in floors; imports only go down.

FLOOR 0  domain/      what the office knows: steps, states, policies, rulesets, papers, words. Pure.
FLOOR 1  store/       what the office keeps: the event chain, its projections, keys, counters, files.
         (beside it, at the top level: forms/ for what people type, pdf/ for what people hold)
FLOOR 2  casework.py  what the office does: the verbs, the only place that commits process truth.
FLOOR 3  printing.py  papers made, printed and copied; jobs.py, work done in the background.
FLOOR 4  web/         the screens; one generic page performs every step of every flow.
FLOOR 5  app.py, config.py, cli.py   everything put together.
"""
