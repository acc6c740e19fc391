"""``huiying doctor``: a home comes in; what works and what does not, each with what to do about it, goes
out.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from models.weights import WeightsError, read_manifest
from pipeline.backup import BackupError
from pipeline.client import StoreClient
from pipeline.config import ConfigError, Home, Secrets, Settings, region_path
from pipeline.drafting_service import Service
from pipeline.extensions import open_database
from pipeline.ingest import spool_files
from pipeline.ledger_records import ReviewRules
from pipeline.model_versions import active_folder
from pipeline.places import Region
from pipeline.processes import read_children, read_json, serving_address
from pipeline.programs import sources_folder
from pipeline.ranking import Ranking
from pipeline.report_html import pdf_tool
from pipeline.report_schedule import Schedule
from pipeline.rules import Rules
from pipeline.store import Store, StoreError

FREE_BYTES = 2 * 2**30  # below this a busy week of posts may not fit
LONG_SPOOL = 200  # files
STALE_SECONDS = 120.0  # since the pipeline's last tick
STALE_BACKUP_DAYS = 7

# What a check may raise when the thing it looks at is broken.
KNOWN_FAILURES = (ConfigError, StoreError, WeightsError, BackupError, OSError, ValueError, duckdb.Error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's answer: ``ok``, or what is wrong and what to do."""

    check: str
    ok: bool
    said: str


class UnwellError(ValueError):
    """A check found something that a person should look at; the message says what to do."""


def examine(home: Home) -> Iterator[Finding]:
    """Run every check in order; one that fails does not keep the others from running."""
    for name, check in CHECKS.items():
        try:
            yield Finding(check=name, ok=True, said=check(home))
        except KNOWN_FAILURES as error:
            yield Finding(check=name, ok=False, said=str(error).splitlines()[0])


def _folder(home: Home) -> str:
    home.create()
    with tempfile.NamedTemporaryFile(dir=home.root):
        free = shutil.disk_usage(home.root).free
    if free < FREE_BYTES:
        raise UnwellError(f"磁盘只剩 {free / 2**30:.1f} GB，请清理或换盘")
    return f"{home.root} 可写，剩余 {free / 2**30:.0f} GB"


def _settings(home: Home) -> str:
    settings = Settings.load(home)
    Rules.load(settings)
    ReviewRules.load(settings)
    Ranking.load(settings)
    Service.load(settings)
    Schedule.load(settings, home)
    return f"{settings.office}" + ("" if home.config_file.exists() else "（没有 huiying.toml，使用默认值）")


def _region(home: Home) -> str:
    region = Region.load(region_path(Settings.load(home).region))
    return f"{region.prefecture}，{len(region.counties)} 个县市"


def _secrets(home: Home) -> str:
    Secrets.load(home)
    return f"{home.secrets_file} 仅本人可读"


def _extensions(home: Home) -> str:
    open_database(None, home.extensions).close()
    return "DuckDB 扩展可离线载入"


def _weights(home: Home) -> str:
    return f"{read_manifest(active_folder(home)).version}，校验一致"


def _store(home: Home) -> str:
    address = serving_address(home)
    if address is None:
        with Store.open(home) as store:
            return f"{store.rows('store_size')[0]['posts']} 条帖文（没有运行）"
    with StoreClient.connect(address, Secrets.load(home).reader_token, home.extensions) as client:
        return f"{client.rows('store_size')[0]['posts']} 条帖文，服务在 {address}"


def _processes(home: Home) -> str:
    if serving_address(home) is None:
        return "没有运行；用 huiying up 启动"
    down = [child.name for child in read_children(home) if child.state != "running"]
    if down:
        raise UnwellError(f"没有在运行：{'、'.join(down)}，见日志 {home.logs}")
    at = str(read_json(home.run / "pipeline.json").get("at", ""))
    if at and (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds() > STALE_SECONDS:
        raise UnwellError(f"处理进程自 {at} 起没有动静，见日志 {home.logs}")
    return (
        "、".join(f"{child.name}（重启 {child.restarts} 次）" for child in read_children(home)) or "处理进程"
    )


def _spool(home: Home) -> str:
    waiting = len(spool_files(home))
    if waiting > LONG_SPOOL:
        raise UnwellError(f"积压 {waiting} 个待读文件，处理跟不上采集")
    return f"{waiting} 个待读文件"


def _sources(home: Home) -> str:
    found = len(list(sources_folder(home).glob("*.toml")))
    if not found:
        raise UnwellError(f"还没有数据来源；用 huiying source new 添加，或导入文件（{sources_folder(home)}）")
    return f"{found} 个来源"


def _backups(home: Home) -> str:
    if not home.database.exists():
        return "还没有数据库"
    newest = max((file.stat().st_mtime for file in home.backups.glob("*.duckdb")), default=None)
    if newest is None:
        raise UnwellError("还没有备份；用 huiying backup 备份")
    days = (datetime.now(UTC).timestamp() - newest) / 86400
    if days > STALE_BACKUP_DAYS:
        raise UnwellError(f"最近的备份在 {days:.0f} 天前；用 huiying backup 备份")
    return f"最近的备份在 {days:.1f} 天前"


def _reports(home: Home) -> str:
    lister = shutil.which("fc-list")
    if lister and not subprocess.run([lister, ":lang=zh"], capture_output=True, check=False).stdout.strip():
        raise UnwellError("没有中文字体，报告图表里的字会是方框；可安装 fonts-wqy-microhei")
    tool = pdf_tool()
    return (
        f"可输出 docx、html、pdf（{tool}）"
        if tool
        else "可输出 docx、html；没有 LibreOffice 或 Chromium，不能输出 pdf"
    )


CHECKS: dict[str, Callable[[Home], str]] = {
    "数据目录": _folder,
    "配置": _settings,
    "地区": _region,
    "密钥": _secrets,
    "扩展": _extensions,
    "模型": _weights,
    "数据库": _store,
    "进程": _processes,
    "待读": _spool,
    "来源": _sources,
    "备份": _backups,
    "报告": _reports,
}
