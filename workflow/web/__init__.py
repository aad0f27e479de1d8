"""The screens. A view is: who may, form, one verb, redirect or page; rules live below.

Frame      shell.py     headers, language, what every template may call; faults.py, faults in plain words
           ui.py        the one door to the component library; shown.py, how dates, sums and labels are shown
At the door
           access.py    who may see a page: `allow`, `allow_anyone`, `current_actor`, the menu
           visiting.py  who visits: ticket, visit, account, the person who acts
           signin.py    the way in and out; first.py, the first time; own_account.py, the own account
           proofs.py    proving who one is, slowly enough; stepup.py, once more before something weighty
Screens    screens.py   lists them all
"""
