"""What a page asks for by itself does not keep the session of who has left it alive."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TIMER = re.compile(r"\bset(?:Interval|Timeout)\(")
FUNCTION = re.compile(
    r"\bfunction (\w+)\(|\b(\w+) = (?:async )?\([^)]*\) =>|\b(\w+) = (?:async )?function"
    r"|prototype\.(\w+) ="
)
TEXT = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'')
REQUEST = re.compile(r"\b(?:fetch|loadJson|loadFragment|XMLHttpRequest)\(")
# Timers that follow an act: they ask once for what somebody typed, sent or decided.
ACTS = {
    "proposals/entry/form.js": "sends what was typed, some seconds later, and until it arrives",
    "proposals/entry/form_photos.js": "sends a chosen photo until it arrives",
    "proposals/form_point.js": "asks for the village of the typed point",
}


def scripts() -> dict[str, str]:
    found = {
        str(path.relative_to(STATIC)): path.read_text("utf-8") for path in STATIC.rglob("*.js")
    }
    assert len(found) > 25
    return found


def enclosed(text: str, start: int, opening: str, closing: str) -> str:
    """From `start`, which is behind an opening bracket, to its closing one."""
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == opening) - (text[at] == closing)
        if not depth:
            return text[start:at]
    raise AssertionError("a bracket is not closed")


def functions(text: str) -> dict[str, str]:
    """The bodies of the functions that have names."""
    found = {}
    for match in FUNCTION.finditer(text):
        name = next(filter(None, match.groups()))
        opening = text.find("{", match.end())
        if opening >= 0:
            found[name] = found.get(name, "") + enclosed(text, opening + 1, "{", "}")
    return found


def reached(text: str) -> str:
    """All that the timers of a script run: their own code and that of the functions it names. A
    timer that only ends a promise goes on where nobody can tell: all of the script.
    """
    known = functions(text)
    code = [enclosed(text, match.end(), "(", ")") for match in TIMER.finditer(text)]
    if any(re.match(r"done\b", part) for part in code):
        return text
    done: set[str] = set()
    for part in code:
        for name in re.findall(r"\w+", TEXT.sub("", part)):
            if name in known and name not in done:
                done.add(name)
                code.append(known[name])
    return "\n".join(code)


def unmarked(text: str) -> list[str]:
    """The requests of timers that do not say that no person asked for them."""
    code = reached(text)
    requests = [enclosed(code, match.end(), "(", ")") for match in REQUEST.finditer(code)]
    return [one for one in requests if "X-Poll" not in one + _headers(one, text)]


def _headers(request: str, text: str) -> str:
    """Where the headers of a request are set, if not in the request itself."""
    if not request:  # new XMLHttpRequest()
        return "".join(re.findall(r"setRequestHeader\(.*", text))
    return "".join(re.findall(r"\bheaders = .*", text)) if ", headers," in request else ""


def test_each_timer_that_asks_says_that_nobody_did():
    silent = {name for name, text in scripts().items() if unmarked(text)}
    assert silent == set(ACTS)


def test_the_walk_finds_a_timer_that_asks_unmarked():
    text = "function look() { ask(); } function ask() { loadJson(url); } setInterval(look, 9);"
    assert unmarked(text) == ["url"]
    assert unmarked(text.replace("url)", 'url, {"X-Poll": "1"})')) == []
    assert unmarked(text.replace("setInterval(look, 9)", "look()")) == []


def test_each_fragment_that_asks_by_itself_is_a_poll():
    """`every`, or `load delay`, stands where all polls are written, which mark themselves."""
    trigger = re.compile(r'hx-trigger="[^"]*(?:every |load delay:)')
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "apps").rglob("*.py")]
    found = {
        str(path.relative_to(ROOT)) for path in sources if trigger.search(path.read_text("utf-8"))
    }
    assert found == {"templates/jobs/_polls.html"}
    assert "X-Poll" in (ROOT / "templates/jobs/_polls.html").read_text("utf-8")
