"""The duty officer's pages: read through ``dashboard.data``, drawn by ``charts``, shown by ``views/``.

``app`` is a router and nothing else; all Chinese wording is in ``wording`` and ``wording_ledger``; a page
writes only by appending events.
"""
