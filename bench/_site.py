"""A browser of forty lines: signs in, sends a file, reads a page. Standard library only."""

from __future__ import annotations

import http.client
import re
import urllib.parse
import uuid
from pathlib import Path


class Site:
    """One person's session on the portal at 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, body=None, headers=None) -> tuple[int, str, str]:
        """Status, body and where it redirects to."""
        headers = dict(headers or {})
        headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if method == "POST":
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = header.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer.status, text, answer.headers.get("Location", "")

    def get(self, path: str) -> str:
        status, text, location = self.request("GET", path)
        if status in (301, 302):
            return self.get(location)
        if status != 200:
            raise SystemExit(f"GET {path}: {status} {text[:300]}")
        return text

    def sign_in(self, username: str, password: str) -> None:
        self.get("/accounts/login/")
        form = urllib.parse.urlencode({"username": username, "password": password})
        status, text, _ = self.request(
            "POST",
            "/accounts/login/",
            form,
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        if status != 302:
            raise SystemExit(f"sign-in refused: {status} {re.sub('<[^>]+>', ' ', text)[:300]}")

    def send_file(self, path: str, file: Path, **fields: str) -> str:
        """POST a multipart form; returns where it redirects to."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f"--{boundary}\r\nContent-Disposition: form-data;"
            f' name="file"; filename="{file.name}"\r\nContent-Type: text/csv\r\n\r\n'
        )
        body = "".join(parts).encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        self.connection.close()  # the server may have closed an idle one; the next call opens anew
        status, text, location = self.request(
            "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )
        if status != 302:
            raise SystemExit(f"upload refused: {status} {re.sub('<[^>]+>', ' ', text)[:500]}")
        return location
