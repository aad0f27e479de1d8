"""What people hand in, read and judged before it reaches the process: forms drawn from evidence, name lists.

evidence, circumstances   one form for every kind of evidence, and for what surrounds an act
fields                    how each kind of question is typed, read and told when it is wrong
namelist, sheet, ...      an employer's name list, whatever its form
"""
