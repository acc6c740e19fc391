"""``python -m crawlers.source_tool new|add|check``: a name and an address come in; a source file goes out.

``huiying source`` starts this as a program of its own. Exit codes: 0 done, 1 the page or its answer is not as
it should be, 2 wrong usage.
"""

from __future__ import annotations

import re
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from crawlers.detect import Finding, detect
from crawlers.golden import (
    GoldenError,
    Recorder,
    compare_golden,
    golden_folder,
    read_items,
    write_golden,
)
from crawlers.learn_forum import LearnError, learn_forum
from crawlers.look import Looker, LookError
from crawlers.parsing.article import is_sitemap
from crawlers.preview import PreviewError
from crawlers.propose import Answers, ProposalError, check_slug, propose
from crawlers.refuse import PageError
from crawlers.saved import SavedPage, SavedPageError, load_page
from crawlers.source import SourceConfig, SourceError, load_source, read_source
from crawlers.zh_time import SHANGHAI

SHIPPED = Path(__file__).parent / "sources"
PAUSE = 3.0  # seconds between two looks; robots.txt may ask for more
KNOWN = (
    PageError,
    LookError,
    PreviewError,
    ProposalError,
    LearnError,
    SavedPageError,
    SourceError,
    GoldenError,
)
WITHOUT_PAGES = frozenset({"files", "weibo_open"})
SHOWN_TEXT = 60  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this office's sources are, and whom a site may write to."""

    home: Path
    contact: str
    pause: float = PAUSE
    allow_private: bool = False

    @property
    def sources(self) -> Path:
        """The folder of the office's own source files."""
        return self.home / "sources"

    def looker(self) -> Callable[[str], SavedPage]:
        """Return a polite look that pauses between two pages."""
        looker = Looker(contact=self.contact or "no contact given", allow_private=self.allow_private)
        asked = 0

        def look(url: str) -> SavedPage:
            nonlocal asked
            if asked:
                time.sleep(max(self.pause, looker.crawl_delay(url) or 0))
            asked += 1
            return looker.look(url)

        return look


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, help="新建、启用、检查数据源。")
def main() -> None:
    """Group the commands."""


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all of them have."""
    options = (
        click.option("--home", type=click.Path(path_type=Path), default=Path("var"), hidden=True),
        click.option("--contact", default="", help="联系方式(电话或邮箱),写进访问标识,供对方联系。"),
        click.option("--allow-private", is_flag=True, hidden=True, help="允许访问本机和内网地址。"),
        click.option("--pause", type=float, default=PAUSE, show_default=True, help="两次访问之间的秒数。"),
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.command(help="查看一个网址,写出数据源文件、保存页面、列出十条内容供核对。")
@click.argument("slug", metavar="名称")
@click.argument("url", metavar="网址")
@click.option("--name", default="", help="显示名称(默认取网页标题)。")
@click.option("--channel", default="", help="平台名称,如 论坛、政务。")
@click.option("--county", default="", help="整个来源只涉及一个县(市)时填写。")
@click.option("--choice", type=int, default=0, help="采用第几个建议(从 1 起;默认用第一个能取到内容的)。")
@click.option("--yes", is_flag=True, help="不询问,直接保存。")
@common
def new(
    slug: str, url: str, name: str, channel: str, county: str, choice: int, yes: bool, **place: Any
) -> None:
    """Look at an address and write a source file with its golden folder."""
    office = Place(**place)
    check_slug(slug)
    file = office.sources / f"{slug}.toml"
    if file.exists():
        raise click.UsageError(f"{file} 已存在;要重做请先删除它")
    recorder = Recorder(office.looker())
    page = recorder(url)
    findings = _findings(page, choice)
    answers = Answers(
        slug=slug,
        name=name,
        channel=channel,
        county=county,
        contact=office.contact,
        robots_checked=datetime.now(SHANGHAI).date(),
        delay=office.pause if office.allow_private else max(office.pause, PAUSE),
    )
    text, items = _first_that_reads(findings, answers, recorder, page)
    _show(items)
    if not yes and not click.confirm("以上内容是否正确,保存这个数据源?", default=True):
        click.echo("没有保存。")
        return
    office.sources.mkdir(parents=True, exist_ok=True)
    write_golden(golden_folder(file), recorder.pages, items)
    file.write_text(text, "utf-8")
    click.echo(f"已保存 {file};请打开核对 [legal] 与 [expect],下一轮采集即生效。")


@main.command(
    help="取用随产品提供的数据源文件:复制到本单位目录,填入联系方式,核实后才会采集。不带名称时列出可用的。"
)
@click.argument("slugs", metavar="[名称]...", nargs=-1)
@common
def add(slugs: tuple[str, ...], **place: Any) -> None:
    """Copy shipped source files to the office's own."""
    office = Place(**place)
    if not slugs:
        for path in sorted(SHIPPED.glob("*.toml")):
            source = load_source(path, contact="-")
            click.echo(f"{source.id}  {source.name}  {'' if source.verified else '(未在真实网站上验证)'}")
        return
    if not office.contact:
        raise click.UsageError("缺少联系方式:用 --contact 给出,或写进 huiying.toml 的 contact")
    office.sources.mkdir(parents=True, exist_ok=True)
    for slug in slugs:
        click.echo(f"已复制 {_copy(slug, office)};核对后启用:huiying source check {slug} --approve")


@main.command(help="检查数据源:名称、网址、保存的页面或 .toml 文件;不带参数时核对全部数据源文件。")
@click.argument("target", metavar="[名称|网址|文件]", default="")
@click.option("--offline", is_flag=True, help="只用保存的页面核对,不访问网站。")
@click.option("--approve", is_flag=True, help="看过取到的内容后,把这个数据源标为已核实,此后才会采集。")
@common
def check(target: str, offline: bool, approve: bool, **place: Any) -> None:
    """Test sources again, live or by their saved pages; with ``approve`` a person says that it may run."""
    office = Place(**place)
    if target.startswith(("http://", "https://")):
        _findings(office.looker()(target), 0)
    elif not target:
        _check_all(office)
    elif approve:
        _approve(office.sources / f"{target}.toml", office)
    elif Path(target).suffix == ".toml" and Path(target).is_file():
        _check_source(Path(target), office, offline)
    elif Path(target).is_file():
        _findings(load_page(Path(target)), 0)
    else:
        _check_source(_file_of(target, office), office, offline)


def _findings(page: SavedPage, choice: int) -> list[Finding]:
    """Print what a page could be; return the chosen one, or all of them."""
    findings = detect(page)
    if not findings:
        raise PreviewError(f"{page.url}:看不出是订阅、论坛、接口还是文章列表;请给出列表页的网址")
    for number, finding in enumerate(findings, start=1):
        kind = f"{finding.kind}{'/' + finding.family if finding.family else ''}"
        click.echo(f"{number}. {kind}:{';'.join(finding.reasons)}")
    if not choice:
        return findings
    if choice > len(findings):
        raise click.UsageError(f"--choice {choice}:只有 {len(findings)} 个建议")
    return [findings[choice - 1]]


def _first_that_reads(
    findings: list[Finding], answers: Answers, recorder: Recorder, page: SavedPage
) -> tuple[str, list[dict[str, Any]]]:
    """Return the first proposal whose page gives items; the pages of those that gave none are forgotten."""
    failures = []
    for finding in findings:
        if finding.kind == "article" and not finding.select and not is_sitemap(page.body):
            failures.append(f"{page.url}:{finding.reasons[0]}")
            continue
        try:
            text = propose(_learnt(finding, page, recorder.look), answers)
            source = read_source(tomllib.loads(text), answers.slug)
            recorder.pages.clear()
            items = read_items(source, recorder)
        except (PreviewError, LookError, LearnError) as error:
            failures.append(str(error))
            click.echo(f"未采用:{error}")
            continue
        click.echo(f"采用:{finding.kind}{'/' + finding.family if finding.family else ''}")
        return text, items
    raise PreviewError("没有一个建议能取到内容:\n" + "\n".join(failures))


def _learnt(finding: Finding, page: SavedPage, look: Callable[[str], SavedPage]) -> Finding:
    """Return a finding with what must be learnt from further pages, where its software is not known."""
    if finding.family != "custom":
        return finding
    click.echo("软件不在已知之列:再看几页,学出版块和帖子的位置……")
    return learn_forum(finding, page, look)


def _show(items: list[dict[str, Any]]) -> None:
    for item in items:
        moment = (
            datetime.fromisoformat(item["published_at"]).astimezone(SHANGHAI)
            if item["published_at"]
            else None
        )
        shown = f"{moment:%Y-%m-%d %H:%M}" if moment else "没有时间"
        text = " ".join(f"{item['title']} {item['text']}".split())[:SHOWN_TEXT]
        click.echo(f"  [{shown}] {text}")


def _copy(slug: str, office: Place) -> Path:
    shipped, file = SHIPPED / f"{slug}.toml", office.sources / f"{slug}.toml"
    if not shipped.is_file():
        raise SourceError(f"没有随产品提供的数据源 {slug};不带名称运行可列出")
    if file.exists():
        raise SourceError(f"{file} 已存在")
    contact = office.contact.replace("\\", "\\\\").replace('"', '\\"')
    text = shipped.read_text("utf-8").replace("{contact}", contact)
    read_source(tomllib.loads(text), str(file))
    file.write_text(text, "utf-8")
    return file


def _file_of(slug: str, office: Place) -> Path:
    for folder in (office.sources, SHIPPED):
        if (folder / f"{slug}.toml").is_file():
            return folder / f"{slug}.toml"
    raise SourceError(f"没有数据源 {slug},也没有这个文件")


def _check_all(office: Place) -> None:
    """Check every source file of the office, and its golden folder where it has one, without the network."""
    files = sorted(office.sources.glob("*.toml"))
    for file in files:
        _check_source(file, office, offline=True)
    if not files:
        click.echo(f"{office.sources} 里还没有数据源文件;先运行 huiying source new 或 add。")


def _check_source(file: Path, office: Place, offline: bool) -> None:
    source = load_source(file, contact=office.contact or "-")
    folder = golden_folder(file)
    if folder.is_dir():
        _say_same(source, compare_golden(source, folder), "保存的页面")
    else:
        click.echo(f"{source.id}:文件有效;没有保存的页面可核对")
    if not offline and source.kind not in WITHOUT_PAGES:
        items = read_items(source, office.looker())
        click.echo(f"{source.id}:网站上现在取到 {len(items)} 条")
        _show(items)


def _approve(file: Path, office: Place) -> None:
    """Show what a source gives now; on a yes, keep it as golden and mark the source as verified today."""
    source = load_source(file)
    if source.kind not in WITHOUT_PAGES:
        recorder = Recorder(office.looker())
        items = read_items(source, recorder)
        _show(items)
    if not click.confirm(
        f"{source.name}:内容正确,已读过对方的 robots.txt 和使用条款,允许采集?", default=False
    ):
        click.echo("没有改动。")
        return
    if source.kind not in WITHOUT_PAGES:
        write_golden(golden_folder(file), recorder.pages, items)
    text = mark_verified(file.read_text("utf-8"), datetime.now(SHANGHAI).date())
    read_source(tomllib.loads(text), str(file))
    file.write_text(text, "utf-8")
    click.echo(f"已核实 {file},下一轮采集即生效。")


def mark_verified(text: str, day: date) -> str:
    """Return a source file's text with the day on which a person verified it; its comments stay."""
    text = re.sub(r"(?m)^verified\s*=.*$", "verified = true", text, count=1)
    stamp = f"robots_checked = {day.isoformat()}"
    if re.search(r"(?m)^(?:#\s*)?robots_checked\s*=", text):
        return re.sub(r"(?m)^(?:#\s*)?robots_checked\s*=.*$", stamp, text, count=1)
    return re.sub(r"(?m)^\[legal\].*$", lambda match: f"{match.group()}\n{stamp}", text, count=1)


def _say_same(source: SourceConfig, lines: list[str], what: str) -> None:
    if lines:
        raise GoldenError(f"{source.id}:{what}取到的内容与核对时不同:\n  " + "\n  ".join(lines))
    click.echo(f"{source.id}:{what}取到的内容与核对时一致")


def run() -> None:
    """Run the tool; known failures end with one line on stderr and exit code 1."""
    try:
        main(prog_name="huiying source")
    except KNOWN as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    run()
