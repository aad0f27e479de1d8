"""The screens. A view is: who may, form, one verb, redirect or page; rules live below.

shell.py    the frame of every page: headers, language, errors, what templates may call
access.py   who acts and who may see a page: `allow`, `allow_anyone`, `current_actor`
signin.py   the way in and out: password, second factor, one-time codes, the own account
ui.py       the one door to the component library; shown.py how dates, sums and labels are shown
"""
