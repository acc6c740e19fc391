"""All Chinese words of the page 批量标注; nothing in, constants out."""

from __future__ import annotations

BATCH = {
    "title": "批量标注",
    "part": "做什么",
    "upload": "标注文件",
    "correct": "更正标注",
    "drop": "选择文件(csv、xlsx、jsonl、parquet;UTF-8 或 GBK)",
    "hint": "每行一条帖文,页面上一次最多 {rows} 行、{size};更大的请用命令行 huiying classify"
    "(超过 {upload} 的不会上传)。"
    "文件只在本次标注时使用,不入库,标完即删;结果请及时下载。",
    "empty_title": "上传一个文件开始",
    "empty": "会保留原有各列,加上情感、情绪、诉求、疑似不实、值得核查和地点;拿不准的标为存疑(doubtful)。",
    "bad_title": "这个文件不能用",
    "bad_hint": "请用 Excel 另存为 .xlsx 或 CSV 后重试;旧版 .xls 不支持。",
    "column": "正文列",
    "column_help": "按列名猜测;不对请改。",
    "choose_column": "请选择正文所在的列",
    "preview": "前 {n} 行",
    "facts": "约 {rows} 行 · {kind}{encoding} · {size}",
    "encoding": " · {name} 编码",
    "quality": "精细程度",
    "quality_help": "快:先用字符模型,拿不准的再用神经网络。标准:两个模型读每一条。细:长文逐段读全。",
    "abstain": "拿不准的标为存疑",
    "abstain_help": "关闭后总给出最可能的一类,即使模型没有把握。",
    "start": "开始标注",
    "progress": "已标注 {done} / {rows} 行",
    "writing": "正在写出结果……",
    "too_big": "文件有 {rows} 行、{size},超过页面上限({most_rows} 行、{most_size})。"
    "请在命令行标注,中断后可接着做:",
    "failed": "没有标注成功",
    "rows": "已标注",
    "rows_help": "写入结果的行数;不同文本 {texts} 条,相同的只标一次。",
    "doubtful": "存疑",
    "doubtful_help": "至少有一项拿不准的行;各项的存疑比例见下图。",
    "unscored": "无法评分",
    "unscored_help": "没有文字、数字或表情的行,各列留空。",
    "unreadable": "读不出",
    "unreadable_help": "格式有误的行,不在结果中;原因见下表。",
    "speed": "用时",
    "speed_help": "从开始标注到两种文件写完。",
    "speed_below": "每秒 {n} 行",
    "shares": "各类占比",
    "shares_caption": "横线为 95% 区间(Wilson),只反映抽样误差,不含模型的误判;括号内为行数。模型 {model}。",
    "local": "本地错误率:{text}",
    "local_none": "本地错误率:未测。可在「更正标注」中标一批随机样本。",
    "local_value": "{share}(n={n},95% 区间 {low}–{high})",
    "head": "看哪一项",
    "download_csv": "下载 CSV",
    "download_xlsx": "下载 Excel",
    "download_manifest": "下载运行记录",
    "neutral": "形如公式的单元格已加引号,表格软件不会执行。",
    "rejects": "读不出的行",
    "again": "换一个文件",
    "doubtful_word": "存疑",
    "share_axis": "占比",
    "interval": "区间",
    "count": "行数",
    "label": "类别",
}

CORRECT = {
    "field": "标哪一项",
    "sample": "标哪些帖文",
    "samples_help": "只有随机样本能算错误率:拿不准的帖文本来就更容易错。",
    "empty_title": "没有待标注的帖文",
    "empty": "近 90 天内模型标注过、还没有人看过的帖文都会出现在这里。",
    "position": "第 {n} / {total} 条 · 本次已标 {done} 条",
    "said": "模型:{label}(把握 {score})",
    "hidden": "随机样本先不显示模型的判断,以免影响你。标完后显示。",
    "yours": "你标的:{label}",
    "next": "下一条",
    "previous": "上一条",
    "keys": "快捷键:数字键选标签并到下一条,j 下一条,k 上一条。改主意再按一次即可,前后都留有记录。",
    "recorded": "已记录:{label}",
    "more": "换一批",
    "spreadsheet": "多人一起标,可取成表格:huiying label export --random 200 --output 待标注.xlsx,"
    "填好后 huiying label import 待标注.xlsx。",
    "gone": "这条帖文已不在库中,或不在你负责的范围内",
    "done_title": "这一批标完了",
    "done": "可以换一批,或到「模型」页看本地错误率。",
}

QUALITIES = {"fast": "快", "balanced": "标准", "best": "细(长文)"}
REJECT_COLUMNS = {"line": "行", "reason": "原因", "raw": "原始内容(已脱敏)"}
SAMPLES = {"random": "随机样本(算本地错误率)", "doubtful": "最拿不准的(用来训练)"}
