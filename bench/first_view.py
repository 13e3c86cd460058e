"""The first view of the national maps in Chromium: until all that was asked for is drawn.

    PORTAL_REAL_DATA=... make bench ONLY=first_view     ROWS=1000000 PERSONS=5000000 VIEWS=7 PAGES=

Makes a database of its own beside the portal's, fills it as `tiles` and `measures` do, serves it by
a web server of its own and drops it at the end. Each view is one of a browser that has nothing kept
of the portal but its session. The first one of a page also finds an empty cache at the server
(told apart, it counts like the others). Drawn: for the map of proposals, the map is idle and its
list has rows; for a thematic map, all areas of the level in sight have their colour (names and the
borders of other levels come after them). The picture of the last view of each page lies in the
state folder, to be looked at. PAGES: only those with this word in their name.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
import urllib.request
from datetime import date
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("PERSONS", "5000000")

import tiles  # noqa: E402, I001 (sets Django up, so it stands first)
import _national  # noqa: E402
from _chromium import CHROMIUM, QUIET, session_cookie, session_key, user  # noqa: E402

tiles.connection.settings_dict["TEST"]["NAME"] = "bench_first_view"

import measures  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from apps.indicators.measures import counting  # noqa: E402

VIEWS = int(os.environ.get("VIEWS", "7"))
PORT = int(os.environ.get("PORT", "8000")) + 97
MUST_S = 2.0
SIZE = {"width": 1366, "height": 768}
REVIEWED = """() => window.vectorMap && window.vectorMap.gl && window.vectorMap.gl.loaded()
    && window.vectorMap.gl.areTilesLoaded() && document.querySelectorAll("main tbody tr").length > 0
"""
COLOURED = """() => {
    const map = document.querySelector("[data-values]");
    return map && Number(map.dataset.drawn) > 0;
}"""
# (name, role, address, when it is drawn)
PAGES = (
    ("proposals of the country", "pusdatin_verifier", "/proposals/review/", REVIEWED),
    ("shares by province", "planner", "/maps/?measure=enrolled_share&level=province", COLOURED),
    ("shares by regency", "planner", "/maps/?measure=disability_share&level=regency", COLOURED),
    ("numbers by regency", "planner", "/maps/?measure=families&level=regency", COLOURED),
    ("shares by district", "planner", "/maps/?measure=enrolled_share&level=district", COLOURED),
)
# Pages whose names have this word; empty: all.
NAMED = os.environ.get("PAGES", "")


def serve() -> subprocess.Popen[bytes]:
    """The portal's web server on the bench's database, ready."""
    database = str(connection.settings_dict["NAME"])
    host = quote(str(connection.settings_dict["HOST"]), safe="")
    url = f"postgresql://portal_web@{host}/{database}"
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "portal.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(PORT), "--lifespan", "off"),
            *("--no-proxy-headers", "--no-access-log", "--log-level", "warning"),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "PORTAL_DATABASE_ROLE": "web",
            "DATABASE_URL": url,
            "SECOND_FACTOR_REQUIRED": "false",
            "HTTPS_ONLY": "false",
        },
    )
    for _attempt in range(120):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/livez", timeout=2)  # noqa: S310
        except OSError:
            time.sleep(0.5)
        else:
            return server
    server.terminate()
    raise SystemExit("the web server did not start")


def view(browser: Browser, key: str, address: str, is_drawn: str, picture: Path) -> float:
    """Seconds from asking for a page to the last thing drawn; cold browser."""
    context = browser.new_context(viewport=SIZE, base_url=f"http://127.0.0.1:{PORT}")
    try:
        context.add_cookies([session_cookie(key, PORT)])
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_function(is_drawn, polling=20, timeout=60_000)
        seconds = time.perf_counter() - started
        page.screenshot(path=picture)
        return seconds
    finally:
        context.close()


def fill() -> None:
    edition = _national.load_boundaries(tiles.layer(), "Bench")
    _national.build_outlines(edition)
    tiles.load_proposals(user("regency_officer", 9000))
    measures.load_register()
    counting.refresh(now=timezone.now())


def measure() -> float:
    folder = Path(settings.STATE_DIR) / "demo"
    folder.mkdir(exist_ok=True)
    keys = {role: session_key(user(role, 9001 + n)) for n, role in enumerate(roles())}
    cache.clear()
    worst = 0.0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name, role, address, is_drawn in (one for one in PAGES if NAMED in one[0]):
            picture = folder / f"first_view_{name.replace(' ', '_')}.png"
            took = [view(browser, keys[role], address, is_drawn, picture) for _ in range(VIEWS)]
            worst = max(worst, statistics.median(took), took[0])
            print(
                json.dumps(
                    {
                        "name": "first_view",
                        "page": name,
                        "seconds": round(statistics.median(took), 2),
                        "first_s": round(took[0], 2),
                        "slowest_s": round(max(took), 2),
                        "must_seconds": MUST_S,
                        "ratio": round(statistics.median(took) / MUST_S, 2),
                        "machine": f"{platform.machine()}, {os.cpu_count()} cores, no GPU",
                        "date": date.today().isoformat(),
                    }
                ),
                flush=True,
            )
        browser.close()
    return worst


def roles() -> list[str]:
    return sorted({role for _name, role, _address, _drawn in PAGES})


def main() -> int:
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        fill()
        server = serve()
        try:
            worst = measure()
        finally:
            server.terminate()
            server.wait(30)
    finally:
        connection.creation.destroy_test_db("portal", verbosity=0)
    return int(worst > MUST_S)


if __name__ == "__main__":
    sys.exit(main())
