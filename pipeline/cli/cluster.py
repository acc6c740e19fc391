"""``huiying cluster POSTS --output OUT``: a file of posts comes in; each post's claim and stance goes out."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa

from pipeline.cluster import COLUMNS, ClusterError, cluster
from pipeline.config import Settings, find_home, region_path
from pipeline.model_versions import active_folder
from pipeline.places import Region
from pipeline.readers import ReadError, kind_of, open_source
from pipeline.writers import open_writer

TYPES = {name: pa.float64() if name == "similarity" else pa.string() for name in COLUMNS}


@click.command(help="把一个文件里的帖文按说法归并(需有 id、text 两列);无说法可归的,claim_id 为空。")
@click.argument("posts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="结果文件。")
def command(posts: Path, output: Path) -> None:
    """Write one row a post: id, claim_id, similarity, relation, reason."""
    try:
        source, kind = open_source(posts, ("id", "text")), kind_of(output)
    except ReadError as error:
        raise click.UsageError(str(error)) from error
    from models import Tagger  # here, because it brings onnxruntime and `--help` should answer at once

    region = Region.load(region_path(Settings.load(find_home()).region))
    writer, claims = open_writer(output, kind, COLUMNS, TYPES, mark=True), set()
    try:
        for row in cluster(source.lines(), Tagger.load(active_folder(find_home())), region):
            claims.add(row["claim_id"])
            writer.write(row)
    except ClusterError as error:
        writer.discard()
        raise click.UsageError(f"{posts}:{error}") from error
    except BaseException:
        writer.discard()
        raise
    writer.close()
    click.echo(f"归并为 {len(claims - {None})} 个说法,结果在 {output}。")
