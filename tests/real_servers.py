"""WordPress and MediaWiki from Debian's packages on loopback: invented posts come in, real sites go out."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

SERVERS = Path(__file__).parent / "servers"
WORDPRESS = Path("/usr/share/wordpress")
MEDIAWIKI = Path("/usr/share/mediawiki")
PATIENCE = 60  # seconds for a server to answer
# A killed test run ends nothing, so each server has a shell beside it that watches the process that asked for
# it and, once that is gone, ends the whole group, PHP's workers included.
END_WITH_US = (
    "sh",
    "-c",
    'parent=$1; shift; "$@" & child=$!; trap "kill $child 2>/dev/null" TERM; '
    "while kill -0 $parent 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 0.5; done; kill 0; wait",
    "sh",
)

TOPICS = (
    "停水",
    "路灯不亮",
    "公交改线",
    "学区划分",
    "医保报销",
    "占道停车",
    "垃圾清运",
    "桥面积水",
    "菜价",
    "高铁时刻",
)
PLACES = ("青溪市滨江路", "石坪县打铁关", "禾丰县谷仓镇", "竹岭县箐口乡", "白鹭县城南", "月河县老街")
ANSWERS = (
    "我们这边也是，已经两天了",
    "今天上午问过，说正在处理",
    "希望尽快给个说法",
    "谢谢提醒，绕道走了",
    "听说要到周五才修好",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededPost:
    """A post of the truth that a crawl is held against."""

    slug: str
    title: str
    text: str
    time: datetime
    comments: tuple[tuple[str, str, datetime], ...]  # author, text, time


def invented_posts(count: int, newest: datetime) -> list[SeededPost]:
    """Return posts with 0 to 12 comments each, an hour and a bit apart, the newest last."""
    posts = []
    for number in range(count):
        moment = newest - timedelta(minutes=73 * (count - number))
        topic, place = TOPICS[number % len(TOPICS)], PLACES[number % len(PLACES)]
        comments = tuple(
            (f"街坊{(number * 7 + n) % 40}", f"{ANSWERS[n % len(ANSWERS)]}，第{number}贴{n + 1}楼。",
             moment + timedelta(minutes=2 * n + 1))
            for n in range(number % 13)
        )  # fmt: skip
        posts.append(
            SeededPost(
                slug=f"post-{number}",
                title=f"{place}{topic}的事问一问（{number}）",
                text=f"{place}这几天{topic}，想问问是什么原因，什么时候能好？编号{number}。大家遇到过吗？",
                time=moment,
                comments=comments,
            )
        )
    return posts


def wordpress_missing() -> str:
    """Say which package is missing for a WordPress, or nothing."""
    if not (WORDPRESS / "wp-load.php").exists():
        return "wordpress is not installed (apt-get install wordpress wordpress-theme-twentytwentyone)"
    return _missing_program("php", "mariadbd", "mariadb-install-db")


def mediawiki_missing() -> str:
    """Say which package is missing for a MediaWiki, or nothing."""
    if not (MEDIAWIKI / "maintenance" / "install.php").exists():
        return "mediawiki is not installed (apt-get install mediawiki php-sqlite3)"
    return _missing_program("php")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPress:
    """A running WordPress; ``work`` changes what it holds."""

    url: str
    folder: Path

    def work(self, **changes: object) -> None:
        """Add posts and comments, edit or delete posts, as ``servers/seed_wordpress.php`` says."""
        file = self.folder.parent / "work.json"
        file.write_text(json.dumps(changes, ensure_ascii=False), "utf-8")
        _run("php", SERVERS / "seed_wordpress.php", self.folder, self.url, file)

    def add(self, posts: list[SeededPost]) -> None:
        """Publish posts with their comments."""
        self.work(
            posts=[
                {"slug": post.slug, "title": post.title, "text": post.text, "time": _gmt(post.time)}
                for post in posts
            ],
            comments=[
                {"slug": post.slug, "author": author, "text": text, "time": _gmt(moment)}
                for post in posts
                for author, text, moment in post.comments
            ],
        )


@contextmanager
def running_wordpress(folder: Path) -> Iterator[WordPress]:
    """Run a WordPress with its own MariaDB in a folder, and stop both at the end."""
    site = folder / "wp"
    shutil.copytree(WORDPRESS, site, symlinks=False, ignore_dangling_symlinks=True)
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    with _running_mariadb(folder) as socket_file:
        (site / "wp-config.php").write_text(_wordpress_config(url, socket_file), "utf-8")
        wordpress = WordPress(url=url, folder=site)
        wordpress.work()
        command = ["php", "-S", f"127.0.0.1:{port}", "-t", str(site), str(SERVERS / "wordpress_router.php")]
        with _running(command, folder / "php.log", {"PHP_CLI_SERVER_WORKERS": "3"}):
            _wait_for(f"{url}/wp-login.php", folder / "php.log")
            yield wordpress


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaWiki:
    """A running MediaWiki; ``add`` imports pages."""

    url: str
    folder: Path

    def add(self, posts: list[SeededPost]) -> None:
        """Import posts as pages with one revision each, and list them under the recent changes."""
        pages = "".join(
            f"<page><title>{escape(post.title)}</title><revision><timestamp>{post.time:%Y-%m-%dT%H:%M:%SZ}</timestamp>"
            f"<contributor><username>编者</username></contributor><text>{escape(post.text)}</text></revision></page>"
            for post in posts
        )
        file = self.folder.parent / "pages.xml"
        file.write_text(
            '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" xml:lang="zh">'
            f"{pages}</mediawiki>",
            "utf-8",
        )
        _run("php", self.folder / "maintenance" / "importDump.php", file)
        _run("php", self.folder / "maintenance" / "rebuildrecentchanges.php")


@contextmanager
def running_mediawiki(folder: Path) -> Iterator[MediaWiki]:
    """Run a MediaWiki with SQLite in a folder, and stop it at the end."""
    site = folder / "mw"
    shutil.copytree(MEDIAWIKI, site, symlinks=False, ignore_dangling_symlinks=True)
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    (folder / "data").mkdir()
    _run(
        *("php", site / "maintenance" / "install.php", "--dbtype", "sqlite", "--dbpath", folder / "data"),
        *(
            "--scriptpath",
            "",
            "--server",
            url,
            "--lang",
            "zh-cn",
            "--pass",
            "not-a-secret-1",
            "溪城百科",
            "admin",
        ),
    )
    with _running(["php", "-S", f"127.0.0.1:{port}", "-t", str(site)], folder / "php.log", {}):
        _wait_for(f"{url}/api.php?action=query&format=json", folder / "php.log")
        yield MediaWiki(url=url, folder=site)


@contextmanager
def _running_mariadb(folder: Path) -> Iterator[Path]:
    # A socket's path may have 107 bytes at most, and a test's folder can be longer.
    data, socket_file = folder / "db", Path("/tmp") / f"hy-{os.getpid()}-{_free_port()}.sock"
    owner = ["--user=root"] if os.geteuid() == 0 else []
    _run(
        "mariadb-install-db",
        "--no-defaults",
        *owner,
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
    )
    command = [
        *(
            "mariadbd",
            "--no-defaults",
            *owner,
            f"--datadir={data}",
            f"--socket={socket_file}",
            "--skip-networking",
        ),
        *(f"--pid-file={data}/db.pid", "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0"),
    ]
    with _running(command, folder / "db.log", {}):
        _wait_until(socket_file.exists, folder / "db.log")
        _run(
            "mariadb",
            "--no-defaults",
            f"--socket={socket_file}",
            "-e",
            "create database wp character set utf8mb4",
        )
        yield socket_file


@contextmanager
def _running(command: list[str], log: Path, more: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*END_WITH_US, str(os.getpid()), *command],
            stdout=file,
            stderr=file,
            env={**os.environ, **more},
            start_new_session=True,
        )
    try:
        yield
    finally:
        # PHP's server leaves its workers behind when only the first process is told to stop.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def _wordpress_config(url: str, socket_file: Path) -> str:
    return f"""<?php
define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket_file}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '{url}'); define('WP_SITEURL', '{url}'); define('WPLANG', 'zh_CN');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {{ define('ABSPATH', __DIR__ . '/'); }}
require_once ABSPATH . 'wp-settings.php';
"""


def _missing_program(*names: str) -> str:
    absent = [name for name in names if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def _run(*command: object) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} {command[1]}: {done.stdout[-1500:]} {done.stderr[-1500:]}")


def _gmt(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, log: Path) -> None:
    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    _wait_until(answers, log)


def _wait_until(ready: object, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():  # type: ignore[operator]
        if time.monotonic() > end:
            raise RuntimeError(log.read_text("utf-8", "replace")[-1500:])
        time.sleep(0.1)
