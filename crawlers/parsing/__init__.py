"""Parsing: one page's bytes come in, posts and the next addresses go out; nothing here uses the network."""
