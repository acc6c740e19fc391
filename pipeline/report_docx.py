"""A report comes in; a Word file in the layout of official papers goes out.

Page, fonts and sizes follow GB/T 9704-2012 (党政机关公文格式): A4 with margins of 37, 35, 28 and 26 mm;
title 二号小标宋; body 三号仿宋 with fixed line spacing and an indent of two characters; headings 三号黑体;
page numbers 四号 between dashes. Where a machine lacks a font, Word takes another of the same kind.
"""

from __future__ import annotations

import io
from pathlib import Path

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from pipeline import report_words as words
from pipeline.report_charts import picture
from pipeline.report_records import Report, Table
from pipeline.report_text import appendix, dateline, heading, mark

TITLE_FONT, BODY_FONT, HEADING_FONT, TABLE_FONT = "方正小标宋简体", "仿宋", "黑体", "宋体"
LATIN_FONT = "Times New Roman"
TWO, THREE, FOUR, FIVE = Pt(22), Pt(16), Pt(14), Pt(10.5)  # 二号、三号、四号、五号
LINE = Pt(29)  # 22 lines a page
PICTURE_WIDTH = Mm(150)


def write_docx(report: Report, path: Path) -> None:
    """Write a report; no half file is left.

    Raises:
        OSError: the file cannot be written.
    """
    paper = Document()
    _page(paper)
    _line(paper, report.title, TITLE_FONT, TWO, centre=True)
    _line(paper, dateline(report), BODY_FONT, THREE, centre=True)
    for place, section in enumerate(report.sections):
        _line(paper, heading(place, section.title), HEADING_FONT, THREE, indent=True)
        for paragraph in section.paragraphs:
            _line(paper, paragraph.text + mark(paragraph.sources), BODY_FONT, THREE, indent=True)
        for chart in section.charts:
            _picture(paper, picture(chart.spec), chart.title + mark(chart.sources))
        for table in section.tables:
            _table(paper, table)
    if report.sources:
        _appendix(paper, report)
    draft = path.with_name(f".{path.name}.part")
    try:
        paper.save(str(draft))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _page(paper: Paper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _styled(footer.add_run("— "), TABLE_FONT, FOUR)
    _styled(_field(footer, "PAGE"), TABLE_FONT, FOUR)
    _styled(footer.add_run(" —"), TABLE_FONT, FOUR)


def _line(
    paper: Paper, text: str, font: str, size: Pt, *, centre: bool = False, indent: bool = False
) -> Paragraph:
    paragraph = paper.add_paragraph()
    layout = paragraph.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    layout.space_before = layout.space_after = Pt(0)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        layout.first_line_indent = size * 2
    _styled(paragraph.add_run(_clean(text)), font, size)
    return paragraph


def _picture(paper: Paper, drawn: bytes, caption: str) -> None:
    paragraph = paper.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run().add_picture(io.BytesIO(drawn), width=PICTURE_WIDTH)
    _caption(paper, caption)


def _caption(paper: Paper, text: str) -> None:
    paragraph = paper.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _styled(paragraph.add_run(_clean(text)), HEADING_FONT, FIVE)


def _table(paper: Paper, table: Table) -> None:
    if table.title:
        _caption(paper, table.title + mark(table.sources))
    grid = paper.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    _repeat_header(grid.rows[0])
    for cell, name in zip(grid.rows[0].cells, table.columns, strict=True):
        _styled(cell.paragraphs[0].add_run(name), HEADING_FONT, FIVE)
    for row in table.rows:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            _styled(cell.paragraphs[0].add_run(_clean(text)), TABLE_FONT, FIVE)


def _appendix(paper: Paper, report: Report) -> None:
    lines, table = appendix(report)
    _line(paper, words.APPENDIX["title"], HEADING_FONT, THREE)
    for line in lines:
        _line(paper, line, BODY_FONT, THREE, indent=True)
    _table(paper, table)


def _styled(run: Run, font: str, size: Pt) -> None:
    run.font.size = size
    run.font.name = LATIN_FONT
    properties = run._element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _field(paragraph: Paragraph, name: str) -> Run:
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text
        run._element.append(part)
    return run


def _repeat_header(row: object) -> None:
    properties = row._tr.get_or_add_trPr()  # type: ignore[attr-defined]
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    properties.append(repeated)


def _clean(text: str) -> str:
    """Leave out what XML cannot hold, and controls that could turn the direction of text."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t")
