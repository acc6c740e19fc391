"""Rows of the ledger come in; a workbook as offices print it goes out: a title, a header on every page,
wrapped cells, landscape A4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from pipeline.writers import XlsxWriter, draft_of

NARROW, USUAL, WIDE = 7, 14, 36  # characters of a column
WIDTHS: Mapping[str, int] = {
    "序号": NARROW,
    "说法": WIDE,
    "时限与起算": 26,
    "发布链接": 26,
    "结论出处": 26,
    "结果或理由": 26,
    "审核": 22,
    "会商单位": 22,
    "特别重大或重大": 9,
    "是否超时": 9,
}
TITLE_FONT, HEAD_FONT, BODY_FONT = Font("黑体", 16), Font("黑体", 10.5), Font("宋体", 10.5)
HEAD_FILL = PatternFill("solid", fgColor="E7ECF1")
THIN = Side(style="thin", color="808080")
LINES = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
WRAPPED = Alignment(vertical="top", wrap_text=True)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
A4 = 9  # ECMA-376, ST_PaperSize


class LedgerBook(XlsxWriter):
    """One worksheet with a title row, a header row and bordered cells; formulas stay text as always."""

    def __init__(self, path: Path, columns: Sequence[str], title: str) -> None:
        self._title = title
        super().__init__(path, draft_of(path), columns)

    def _begin(self) -> None:
        self._sheet.title = "台账"
        self._layout()
        self._sheet.append([self._styled(self._title, TITLE_FONT, CENTRED)])
        self._sheet.append([self._styled(name, HEAD_FONT, CENTRED, HEAD_FILL) for name in self.columns])

    def _layout(self) -> None:
        sheet, last = self._sheet, get_column_letter(len(self.columns))
        for place, name in enumerate(self.columns, 1):
            sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, USUAL)
        sheet.freeze_panes = "D3"
        sheet.merged_cells.add(f"A1:{last}1")
        sheet.print_title_rows = "1:2"
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddFooter.center.text = "第 &P 页,共 &N 页"

    def _cell(self, value: Any) -> Any:
        return self._styled(super()._cell(value), BODY_FONT, WRAPPED)

    def _styled(self, value: Any, font: Font, where: Alignment, fill: PatternFill | None = None) -> Any:
        cell = value if isinstance(value, Cell) else WriteOnlyCell(self._sheet, value=value)
        cell.font, cell.alignment, cell.border = font, where, LINES
        if fill is not None:
            cell.fill = fill
        return cell
