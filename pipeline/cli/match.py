"""``huiying match POSTS STATEMENTS --output OUT``: two files come in; what answers what goes out."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pyarrow as pa

from pipeline.config import Settings, find_home, region_path
from pipeline.match import Matcher, Text
from pipeline.model_versions import active_folder
from pipeline.normalise import clean
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.readers import ReadError, kind_of, open_source
from pipeline.writers import open_writer

COLUMNS = ("statement_id", "post_id", "relation", "score", "sentence")
TYPES = {name: pa.float64() if name == "score" else pa.string() for name in COLUMNS}


class MatchError(ValueError):
    """A file cannot be compared; the message is Chinese and names the file and line."""


@click.command(
    help="把帖文(或说法)与权威信息配对:两个文件都需有 id、text 两列。每行一对:answers 为已有答复,"
    "related 为相关;score 为 0 到 1,sentence 是作答的那一句。没有配上的不写。"
)
@click.argument("posts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("statements", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="结果文件。")
def command(posts: Path, statements: Path, output: Path) -> None:
    """Write one row a pair; bad input ends with exit code 2."""
    region = Region.load(region_path(Settings.load(find_home()).region))
    try:
        kind = kind_of(output)
        said, answers = _read(posts, region), _read(statements, region)
    except (ReadError, MatchError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    from models import Tagger  # here, because it brings onnxruntime and `--help` should answer at once

    matches = list(Matcher(Tagger.load(active_folder(find_home())), answers).match(said))
    writer = open_writer(output, kind, COLUMNS, TYPES, mark=True)
    try:
        for match in sorted(matches, key=lambda found: (found.statement_id, -found.score, found.post_id)):
            writer.write({name: getattr(match, name) for name in COLUMNS})
    except BaseException:
        writer.discard()
        raise
    writer.close()
    answered = len({match.post_id for match in matches if match.relation == "answers"})
    click.echo(f"{len(said)} 条中 {answered} 条已有答复,配对 {len(matches)} 行,结果在 {output}。")


def _read(path: Path, region: Region) -> list[Text]:
    found: dict[str, Text] = {}
    source = open_source(path, ("id", "text"))
    missing = [name for name in ("id", "text") if name not in source.layout.names]
    if missing:
        raise MatchError(f"{path}:没有列 {'、'.join(missing)}")
    for line in source.lines():
        if line.row is None:
            raise MatchError(f"{path}:第 {line.number} 行读不出:{line.reason}")
        text_id, text = str(line.row.get("id") or ""), mask(clean(str(line.row.get("text") or "")))
        if not text_id or text_id in found:
            raise MatchError(f"{path}:第 {line.number} 行:{'id 重复:' + text_id if text_id else '没有 id'}")
        title = clean(str(line.row.get("title") or ""))
        whole = f"{title}\n{text}" if title and title not in text else text
        places = region.places_of(whole, str(line.row.get("county") or ""))
        found[text_id] = Text(text_id=text_id, text=whole, places=places)
    return list(found.values())
