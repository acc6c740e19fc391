"""``huiying cluster POSTS --output OUT``: a file of posts comes in; each post's claim and stance goes out."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pyarrow as pa

from pipeline.asides import keep_aside
from pipeline.cluster import COLUMNS, ClusterError, Clustering
from pipeline.columns import guess_columns
from pipeline.config import Settings, find_home, region_path
from pipeline.model_versions import active_folder
from pipeline.places import Region
from pipeline.readers import ReadError, kind_of, open_source
from pipeline.writers import finishing, open_writer

TYPES = {name: pa.float64() if name == "similarity" else pa.string() for name in COLUMNS}

HELP = (
    "把一个文件里的帖文按说法归并(需有正文列;没有 id 列的用行号)。结果每帖一行:id、claim_id、"
    "similarity(0 到 1)、relation(support 附和、deny 否认、query 求证、comment 议论)、reason;"
    "无说法可归的,claim_id 为空。用不了的行不影响其余,写在 OUT.rejects.jsonl。"
)


@click.command(help=HELP)
@click.argument("posts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="结果文件。")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="质量报告(JSON):规模、最没把握的归并、读不出的行。",
)
def command(posts: Path, output: Path, report: Path | None) -> None:
    """Write one row a post: id, claim_id, similarity, relation, reason."""
    try:
        source, kind = open_source(posts, ("id", "text")), kind_of(output)
    except ReadError as error:
        raise click.UsageError(str(error)) from error
    if "text" not in guess_columns(list(source.layout.names)):
        raise click.UsageError(f"{posts}:找不到正文列,文件里有:{'、'.join(source.layout.names)}")
    from models import Tagger  # here, because it brings onnxruntime and `--help` should answer at once

    region = Region.load(region_path(Settings.load(find_home()).region))
    clustering = Clustering(Tagger.load(active_folder(find_home())), region, str(posts))
    try:
        clustering.read(source.lines())
    except ClusterError as error:
        raise click.UsageError(f"{posts}:{error}") from error
    _write(clustering, output, kind)
    found = clustering.report()
    if report is not None:
        report.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for told in keep_aside(output, clustering.aside):
        click.echo(told, err=True)
    aside = f",{found['rejected']} 行读不出" if found["rejected"] else ""
    counts = f"{found['posts']} 条归并为 {found['claims']} 个说法,{found['of_no_claim']} 条不属任何说法"
    click.echo(f"{counts}{aside},结果在 {output}。")


def _write(clustering: Clustering, output: Path, kind: str) -> None:
    writer = open_writer(output, kind, COLUMNS, TYPES, mark=True)
    with finishing(writer):
        for row in clustering.rows():
            writer.write(row)
