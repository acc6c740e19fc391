"""The duty officer's pages: the store is read through ``dashboard.data``, drawn by ``dashboard.charts``, shown by ``views/``.

``app`` is a router and nothing else; all Chinese wording is in ``wording``; a page writes only by appending events.
"""
