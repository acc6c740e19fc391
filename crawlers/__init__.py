"""Polite collection: source files come in, spool files (one JSON object a line, closed atomically) go out.

Nothing here knows of models, the store or the dashboard. A source is data (``sources/*.toml``); a kind of
site is one generic spider (``spiders/``); parsing is pure functions from bytes to posts, so that tests,
replays and live crawls run the same code.
"""
