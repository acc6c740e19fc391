"""From a post on the demo site to its row in the queue: the planted rumors' first posts, in seconds.

    python benchmarks/latency.py

Runs `huiying demo` in a new folder without a browser. A post's own time is when the site shows it (to the
second); its claim's `entered_at` is when the queue has it. The crawl interval of the demo is 10 seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.client import StoreClient
from pipeline.config import Home, Secrets
from pipeline.processes import serving_address

QUERY = """
select c.claim_id, epoch(q.entered_at) - epoch(c.first_seen) as seconds, c.size
from queue q join claims c using (claim_id)
where c.first_seen >= (select min(first_seen) from claims where first_seen > now() - interval 20 minute)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "latency.json")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(root=Path(folder))
        process = subprocess.Popen(
            [sys.executable, "-c", "from pipeline.cli import main; main()", "demo", "--port", "0"],
            env={**os.environ, "HUIYING_HOME": folder},
        )
        try:
            time.sleep(given.seconds)
            address = serving_address(home)
            assert address is not None, "the pipeline does not run"
            with StoreClient.connect(address, Secrets.load(home).reader_token, home.extensions) as client:
                seconds = sorted(client.select(QUERY)["seconds"].tolist())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    result = {
        "claims": len(seconds),
        "median_seconds": seconds[len(seconds) // 2],
        "p90_seconds": seconds[int(len(seconds) * 0.9)],
        "crawl_interval_seconds": 10,
        "cores": os.cpu_count(),
    }
    given.output.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
