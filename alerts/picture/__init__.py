"""The account's timeline as a picture, for messages, pages and files.

Only `drawing` and what it draws with import matplotlib: `pictures` pays for it with the first picture.
"""
