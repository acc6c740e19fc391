"""A report comes in; one HTML page with everything in it, and where a tool is present a PDF, go out."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from pipeline import report_words as words
from pipeline.report_charts import picture
from pipeline.report_records import Chart, Paragraph, Report, Section, Table
from pipeline.report_text import appendix, dateline, heading, mark

PDF_TOOLS = ("soffice", "libreoffice", "chromium", "chromium-browser", "google-chrome")
PDF_SECONDS = 120

# Sizes and fonts as in report_docx; nothing is loaded and no script can run, whatever a text holds.
HEAD = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 37mm 26mm 35mm 28mm; }}
body {{ font: 16pt/29pt 仿宋, FangSong, "Noto Serif CJK SC", "WenQuanYi Micro Hei", serif; color: #111;
  max-width: 160mm; margin: 12mm auto; padding: 0 4mm; }}
h1 {{ font: 22pt/32pt 方正小标宋简体, "Noto Serif CJK SC", SimSun, "WenQuanYi Micro Hei", serif;
  text-align: center; }}
h2, caption, th {{ font-family: 黑体, SimHei, "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif; }}
h2 {{ font-size: 16pt; font-weight: normal; text-indent: 2em; margin: 0; }}
p {{ text-indent: 2em; margin: 0; overflow-wrap: anywhere; }}
p.date {{ text-align: center; text-indent: 0; margin-bottom: 12pt; }}
table {{ border-collapse: collapse; width: 100%; margin: 6pt 0 12pt; font-size: 10.5pt; line-height: 15pt; }}
caption, figcaption {{ font-size: 10.5pt; line-height: 18pt; text-align: center; }}
th, td {{ border: 1px solid #333; padding: 2pt 4pt; text-align: left; overflow-wrap: anywhere; }}
thead {{ display: table-header-group; }} tr, figure {{ break-inside: avoid; }}
figure {{ margin: 6pt 0; text-align: center; }} figure img {{ max-width: 100%; }}
sup {{ font-size: 8pt; line-height: 0; color: #555; }}
</style></head><body>
"""


class NoPdfToolError(RuntimeError):
    """Neither LibreOffice nor Chromium is on this machine; the message is Chinese."""


def write_html(report: Report, path: Path) -> None:
    """Write a report as one page; no half file is left.

    Raises:
        OSError: the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text("".join(_page(report)), "utf-8", errors="replace")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def pdf_tool() -> str | None:
    """Return the program with which a PDF can be made here, None if there is none."""
    return next((found for name in PDF_TOOLS if (found := shutil.which(name))), None)


def write_pdf(report: Report, path: Path) -> None:
    """Write a report as PDF, printed from its HTML page.

    Raises:
        NoPdfToolError: there is no program for it, or it failed.
        OSError: the file cannot be written.
    """
    tool = pdf_tool()
    if tool is None:
        raise NoPdfToolError("本机没有 LibreOffice 或 Chromium,不能生成 pdf;可输出 docx 或 html。")
    with tempfile.TemporaryDirectory(prefix="huiying-report-") as folder:
        page = Path(folder) / "report.html"
        write_html(report, page)
        made = _printed(tool, page)
        draft = path.with_name(f".{path.name}.part")
        shutil.copyfile(made, draft)
        draft.replace(path)


def _printed(tool: str, page: Path) -> Path:
    made = page.with_suffix(".pdf")
    if Path(tool).name in {"soffice", "libreoffice"}:
        profile = f"-env:UserInstallation={(page.parent / 'profile').as_uri()}"
        command = [
            tool,
            profile,
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(page.parent),
            str(page),
        ]
    else:
        # Chromium's sandbox does not work for root; the page is our own and can load nothing.
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        profile = f"--user-data-dir={page.parent / 'profile'}"
        command = [tool, "--headless", *root, profile, "--disable-gpu", "--no-pdf-header-footer",
                   f"--print-to-pdf={made}", page.as_uri()]  # fmt: skip
    try:
        subprocess.run(command, check=True, timeout=PDF_SECONDS, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        raise NoPdfToolError(f"{tool} 没有生成 pdf:{error}") from error
    if not made.exists():
        raise NoPdfToolError(f"{tool} 没有生成 pdf")
    return made


def _page(report: Report) -> Iterator[str]:
    yield HEAD.format(title=escape(report.title))
    yield f'<h1>{escape(report.title)}</h1>\n<p class="date">{escape(dateline(report))}</p>\n'
    for place, section in enumerate(report.sections):
        yield from _section(place, section)
    if report.sources:
        lines, table = appendix(report)
        yield f"<h2>{escape(words.APPENDIX['title'])}</h2>\n"
        yield from (_paragraph(Paragraph(text=line)) for line in lines)
        yield _table(table)
    yield "</body></html>\n"


def _section(place: int, section: Section) -> Iterator[str]:
    yield f"<h2>{escape(heading(place, section.title))}</h2>\n"
    yield from map(_paragraph, section.paragraphs)
    yield from map(_chart, section.charts)
    yield from map(_table, section.tables)


def _paragraph(paragraph: Paragraph) -> str:
    marked = mark(paragraph.sources)
    sup = f"<sup>{marked}</sup>" if marked else ""
    return f"<p>{_shown(paragraph.text)}{sup}</p>\n"


def _chart(chart: Chart) -> str:
    data = base64.b64encode(picture(chart.spec)).decode("ascii")
    title = escape(chart.title)
    image = f'<img alt="{title}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}<figcaption>{title}{mark(chart.sources)}</figcaption></figure>\n"


def _table(table: Table) -> str:
    caption = f"<caption>{escape(table.title)}{mark(table.sources)}</caption>" if table.title else ""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    body = "\n".join(f"<tr>{''.join(f'<td>{_shown(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n"


def _shown(text: str) -> str:
    return escape("".join(one for one in text if one.isprintable() or one in "\n\t"))
