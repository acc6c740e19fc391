"""The main job: spool files and imports come in; a DuckDB store with posts, tags, claims, alerts and the
ledger comes out.

Read ``records`` first (the vocabulary), then ``store`` (the one owner of the database), then the stages in
the order they run: ``ingest``, ``tag``, ``claims``, ``bursts``, ``alerts``, ``triage``. ``worker`` runs
them in small batches and ``backtest`` runs the same stages over past posts with the posts' own clock.
"""
