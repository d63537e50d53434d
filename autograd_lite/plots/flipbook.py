"""Several SVG pictures as one, shown in turn by CSS: a flip book."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

# Each frame is visible from its own start on, for its share of the whole time; the negative delay
# says how long ago its animation began. Where nothing moves, only the last frame is visible.
_STYLE = """\
<style>
.frame {{ visibility: hidden; animation: frame {total:g}s step-end infinite }}
.frame.last {{ visibility: visible; animation-name: last }}
@keyframes frame {{ 0% {{ visibility: visible }} {each:.6g}% {{ visibility: hidden }} }}
@keyframes last {{ 0% {{ visibility: visible }} {longer:.6g}% {{ visibility: hidden }} }}
@media (prefers-reduced-motion: reduce) {{ .frame {{ animation: none }} }}
</style>"""
_PICTURE = re.compile(r"(<svg\b[^>]*>)(.*)</svg>", re.DOTALL)
_ID = re.compile(r'(\bid="|href="#|url\(#)')
_COMMENT = re.compile(r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*", re.DOTALL)


def flipbook(pictures: Sequence[str], seconds: float, hold: float, title: str) -> str:
    """Return one SVG that shows each picture for some seconds, the last one longer by `hold`.

    The pictures are SVG texts of one size. Their ids get the number of their frame, as those of
    one document must differ.

    >>> book = flipbook(['<svg width="1"><g id="a"/></svg>'] * 2, 0.5, 1.0, "Two")
    >>> 'id="frame0-a"' in book, 'id="frame1-a"' in book
    (True, True)
    """
    count = len(pictures)
    total = count * seconds + hold
    style = _STYLE.format(
        total=total, each=100 * seconds / total, longer=100 * (seconds + hold) / total
    )
    groups = []
    for i, picture in enumerate(pictures):
        opening, content = _parts(picture)
        last = " last" if i == count - 1 else ""
        delay = f"animation-delay: {i * seconds - total:.6g}s"
        numbered = _ID.sub(rf"\g<1>frame{i}-", content)
        groups.append(f'<g class="frame{last}" style="{delay}">{numbered}</g>')
    name = f"<title>{escape(title)}</title>\n" if title else ""
    return "\n".join([opening, f"{name}{style}", *groups, "</svg>\n"])


def _parts(picture: str) -> tuple[str, str]:
    """Return the opening tag of an SVG and what is inside, without comments and metadata."""
    found = _PICTURE.search(_COMMENT.sub("", picture))
    if found is None:
        raise ValueError(f"expected an SVG picture, got {picture:.60}")
    return found[1], found[2].strip()
