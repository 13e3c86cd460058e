"""The project's own nginx.conf in front of a served portal, on free ports of this machine."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.stack import Stack, free_port
from tests.workers import ROOT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NAME = "localhost"
# docs/operations.md: each stream takes two connections
CONNECTIONS = 2048


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and what trusts its certificate."""

    port: int
    certificate: Path

    @property
    def address(self) -> str:
        return f"https://{NAME}:{self.port}"

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.address}{path}", verify=str(self.certificate), timeout=20)


@contextmanager
def proxied(stack: Stack, folder: Path) -> Iterator[Proxy]:
    """nginx with deploy/nginx.conf, of which only places are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    proxy = Proxy(free_port(), folder / "portal.pem")
    pair = ["-keyout", str(folder / "portal.key"), "-out", str(proxy.certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"]
        + ["-addext", f"subjectAltName=DNS:{NAME}", *pair],
        check=True,
        capture_output=True,
    )
    (folder / "site.conf").write_text(_site(stack, folder, proxy.port))
    (folder / "nginx.conf").write_text(_whole(folder))
    process = subprocess.Popen(
        [NGINX or "nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(proxy, folder)
        yield proxy
    finally:
        process.terminate()
        process.wait(10)


def _site(stack: Stack, folder: Path, port: int) -> str:
    text = (ROOT / "deploy/nginx.conf").read_text()
    places = {
        "unix:/run/dtks-portal/web.sock": f"127.0.0.1:{stack.port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/dtks-portal": str(folder),
        "/var/log/nginx": str(folder),
        "/srv/dtks-portal": str(ROOT),
        "portal.example": NAME,
    }
    for known, here in places.items():
        assert known in text, known
        text = text.replace(known, here)
    return text


def _whole(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\npid {folder}/pid;\nworker_processes auto;\n"
        f"events {{ worker_connections {CONNECTIONS}; }}\n"
        f"http {{ {scratch} include {folder}/site.conf; }}\n"
    )


def _await(proxy: Proxy, folder: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if proxy.get("/livez").status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError((folder / "error.log").read_text())
