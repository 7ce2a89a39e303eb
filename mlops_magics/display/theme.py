"""Which colours and sizes does everything have?

Mid-tones that can be read on light and on dark, the notebook's own font
colours, and nothing that needs a network or a script.
"""

from typing import Literal

Level = Literal["good", "watch", "bad", "plain", "grey"]

COLOURS: dict[str, str] = {
    "good": "#2f9e77",
    "watch": "#b7791f",
    "bad": "#c2483d",
    "plain": "#4c78a8",
    "grey": "#8a8a8a",
}
# Colour never stands alone.
SYMBOLS: dict[str, str] = {"good": "●", "watch": "▲", "bad": "■", "plain": "·", "grey": "·"}

STYLE = """
.mlops{max-width:700px;font-size:13px;line-height:1.5;padding:4px 0;
 color:var(--jp-ui-font-color1,inherit)}
.mlops .h{font-size:17px;margin:2px 0}
.mlops .n{font-weight:400}
.mlops .g{color:var(--jp-ui-font-color2,#767676)}
.mlops .f{display:flex;flex-wrap:wrap;gap:4px 32px;margin:8px 0}
.mlops .f b{display:block;font-size:20px}
.mlops table{border-collapse:collapse;margin:8px 0;font-size:13px;color:inherit}
.mlops th{font-weight:400;color:var(--jp-ui-font-color2,#767676);
 border-bottom:1px solid var(--jp-border-color2,#cfcfcf)}
.mlops th,.mlops td{padding:3px 16px 3px 0;background:none;white-space:nowrap}
.mlops tr{background:none}
.mlops table .l{text-align:left!important}
.mlops table .r{text-align:right!important}
.mlops .b{display:inline-flex;align-items:flex-end;height:24px}
.mlops .b i{display:inline-block}
.mlops .m{width:160px;height:8px;margin:6px 0;background:var(--jp-border-color2,#dddddd)}
.mlops .m i{display:block;height:8px}
.mlops pre{margin:6px 0;padding:6px 10px;font-size:12px;overflow-x:auto;
 border-left:2px solid var(--jp-border-color2,#cfcfcf);background:none;color:inherit}
.mlops code{background:none;color:inherit;font-size:12px}
"""
