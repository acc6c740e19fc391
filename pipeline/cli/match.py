"""``huiying match POSTS STATEMENTS --output OUT``: two files come in; what answers what goes out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from pipeline.asides import Aside, keep_aside, shown
from pipeline.columns import FIELD_NAMES, guess_columns
from pipeline.config import Settings, find_home, region_path
from pipeline.match import Matcher, Text, needs_meaning
from pipeline.model_versions import active_folder
from pipeline.normalise import clean
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.readers import Line, ReadError, kind_of, open_source
from pipeline.tag import Analyst
from pipeline.writers import finishing, open_writer

COLUMNS = ("statement_id", "post_id", "relation", "score", "sentence")
TYPES = {name: pa.float64() if name == "score" else pa.string() for name in COLUMNS}

# Posts, claims and statements alike: an export of any of them can be given.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": (*FIELD_NAMES["id"], "post_id", "claim_id", "statement_id"),
    "text": FIELD_NAMES["text"],
    "title": FIELD_NAMES["title"],
    "county": (*FIELD_NAMES["county"], "counties", "places"),
    "issuer": ("issuer", "发布单位", "发布机构", "单位"),
}


class MatchError(ValueError):
    """A file or one row of it cannot be compared; the message is Chinese and says why."""


@click.command(
    help="把帖文(或说法)与权威信息配对:两个文件都需有 id、text 两列"
    "（说法的 claim_id、权威信息的 statement_id 也可）。每行一对:answers 为已有答复,"
    "related 为相关;score 为 0 到 1,sentence 是作答的那一句。没有配上的不写。"
    "用不了的行（没有 id 或正文、id 重复、读不出）不影响其余，写在 OUT.rejects.jsonl。"
)
@click.argument("posts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("statements", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="结果文件。")
def command(posts: Path, statements: Path, output: Path) -> None:
    """Write one row a pair; a file that cannot be compared at all ends with exit code 2."""
    region = Region.load(region_path(Settings.load(find_home()).region))
    asides: list[Aside] = []
    try:
        kind = kind_of(output)
        said, answers = _read(posts, region, asides), _read(statements, region, asides)
    except (ReadError, MatchError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    matches = list(Matcher(answers, _analyst()).match(said))
    writer = open_writer(output, kind, COLUMNS, TYPES, mark=True)
    with finishing(writer):
        for match in sorted(matches, key=lambda found: (found.statement_id, -found.score, found.post_id)):
            writer.write({name: getattr(match, name) for name in COLUMNS})
    for told in keep_aside(output, asides):
        click.echo(told, err=True)
    answered = len({match.post_id for match in matches if match.relation == "answers"})
    click.echo(f"{len(said)} 条中 {answered} 条已有答复,配对 {len(matches)} 行,结果在 {output}。")


def _analyst() -> Analyst | None:
    """Return the tagger if the scorer asks for embeddings; loading it takes a second."""
    if not needs_meaning():
        return None
    from models import Tagger  # here, because it brings onnxruntime and `--help` should answer at once

    return Tagger.load(active_folder(find_home()))


def _read(path: Path, region: Region, asides: list[Aside]) -> list[Text]:
    """Return the texts of a file; a row that cannot be used goes to ``asides`` and the others go on.

    Raises:
        MatchError: the file lacks a column, or none of its rows can be used.
    """
    found: dict[str, Text] = {}
    source = open_source(path, ("id", "text"))
    columns = guess_columns([name for name in source.layout.names if name], FIELDS)
    missing = [name for name in ("id", "text") if name not in columns]
    if missing:
        listed = "、".join(name for name in source.layout.names if name)
        raise MatchError(f"{path}：没有列 {'、'.join(missing)}；文件里有 {listed}")
    before = len(asides)
    for line in source.lines():
        try:
            text = _row(line, columns, region)
            if text.text_id in found:
                raise MatchError(f"id 重复：{shown(text.text_id)}")
            found[text.text_id] = text
        except MatchError as error:
            asides.append(Aside.of(str(path), line, str(error)))
    if not found and len(asides) > before:
        raise MatchError(f"没有一行可用，{asides[before].words()}")
    return list(found.values())


def _row(line: Line, columns: Mapping[str, str], region: Region) -> Text:
    if line.row is None:
        raise MatchError(f"读不出：{line.reason}")
    cells = {name: line.row.get(column) for name, column in columns.items()}
    text_id, text = str(cells["id"] or ""), mask(clean(str(cells["text"] or "")))
    if not text_id:
        raise MatchError(f"没有 id（正文 {shown(text)}）")
    if not text:
        raise MatchError(f"没有正文（id {shown(text_id)}）")
    return _text(text_id, text, cells, region)


def _text(text_id: str, text: str, cells: Mapping[str, Any], region: Region) -> Text:
    title, issuer = clean(str(cells.get("title") or "")), str(cells.get("issuer") or "")
    whole = f"{title}\n{text}" if title and title not in text else text
    counties = _counties(cells.get("county") or "")
    places = {place for name in counties for place in region.places_of(f"{issuer}\n{whole}", name)}
    return Text(text_id=text_id, text=whole, places=tuple(sorted(places)))


def _counties(cell: Any) -> list[str]:
    """Return the counties of a cell: a name, a list, or a list as JSON text, as a csv holds it."""
    if isinstance(cell, str) and cell.startswith("["):
        try:
            cell = json.loads(cell)
        except json.JSONDecodeError:
            return []  # a cell of another program: the text's own places count
    return [str(name) for name in cell] or [""] if isinstance(cell, list | tuple) else [str(cell)]
