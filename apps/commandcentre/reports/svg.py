"""A drawing as SVG: attributes only, no style sheet, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.html import escape

from apps.commandcentre.reports.map_drawing import Drawing, Point, Shape


def write_svg(drawing: Drawing) -> bytes:
    """The picture, as UTF-8."""
    size = f'viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    shapes = "".join(_element(one) for one in drawing.shapes)
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} width="{drawing.width:g}"'
        f' height="{drawing.height:g}" role="img" font-family="sans-serif">'
        f"<title>{escape(drawing.about)}</title>{shapes}</svg>"
    )
    return text.encode()


def _element(shape: Shape) -> str:
    if shape.text:
        [[(x, y)]] = shape.rings
        place = f'x="{x:g}" y="{y:g}" font-size="{shape.size:g}" fill="{shape.fill}"'
        return f"<text {place}>{escape(shape.text)}</text>"
    path = " ".join(_path(ring, is_line=shape.is_line) for ring in shape.rings)
    return f'<path d="{path}" {" ".join(_attributes(shape))}/>'


def _path(ring: tuple[Point, ...], *, is_line: bool) -> str:
    corners = "L".join(f"{x:g} {y:g}" for x, y in ring)
    return f"M{corners}" + ("" if is_line else "Z")


def _attributes(shape: Shape) -> Iterator[str]:
    yield f'fill="{shape.fill or "none"}"'
    if shape.fill:
        yield 'fill-rule="evenodd"'
    if shape.stroke:
        yield f'stroke="{shape.stroke}" stroke-width="{shape.width or 1:g}"'
    if shape.dash:
        yield f'stroke-dasharray="{shape.dash:g} {shape.dash:g}"'
    if shape.opacity < 1:
        yield f'fill-opacity="{shape.opacity:g}"'
