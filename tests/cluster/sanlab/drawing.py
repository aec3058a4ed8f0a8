"""Bars of time as SVG, readable on light and dark pages."""

from xml.sax.saxutils import escape

_COLOURS = {"stop": "#c58b2c", "detection": "#8a5fbf", "fencing": "#b8453f", "promotion": "#3f7fb8", "start": "#3f9e6b",
            "login and first write": "#808080"}
_LEFT, _BAR, _GAP, _WIDTH = 150, 22, 14, 640


def waits(found):
    """A bar for each wait, divided into what was waited for, with a scale in seconds."""
    longest = max(sum(part.seconds for part in wait.parts) for wait in found)
    scale = _WIDTH / longest
    rows, top = [], 30
    for wait in found:
        rows.append(f'<text x="{_LEFT - 8}" y="{top + _BAR - 6}" text-anchor="end">{escape(f"{wait.event}, {wait.whose}")}</text>')
        left = _LEFT
        for part in wait.parts:
            width = part.seconds * scale
            rows.append(f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{_COLOURS[part.name]}">'
                        f"<title>{escape(part.name)}: {part.seconds:.1f} s</title></rect>")
            left += width
        rows.append(f'<text x="{left + 6:.1f}" y="{top + _BAR - 6}">{wait.seconds:.0f} s</text>')
        top += _BAR + _GAP
    used = [name for name in _COLOURS if any(part.name == name for wait in found for part in wait.parts)]
    left = _LEFT
    for name in used:
        rows.append(f'<rect x="{left}" y="{top + 8}" width="12" height="12" fill="{_COLOURS[name]}"/>'
                    f'<text x="{left + 18}" y="{top + 19}">{escape(name)}</text>')
        left += 40 + 7 * len(name)
    body = "\n".join(rows)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 70} {top + 34}" font-family="sans-serif" '
            f'font-size="13" fill="#777777">\n<text x="{_LEFT}" y="16">From the cause to the first write, and how long the initiator waited</text>\n{body}\n</svg>\n')
