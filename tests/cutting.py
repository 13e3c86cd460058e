"""A line that is cut: a small TCP proxy that breaks connections at given bytes of what is sent.

It counts the bytes that it let through, for each request that carried a part of an upload.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

_POST = re.compile(rb"POST [^\r\n]+\r\n")
_OFFSET = re.compile(rb"(?i)upload-offset: (\d+)\r\n")
PIECE = 1 << 14


class CuttingProxy:
    """`cuts` are totals of upload bytes after which the connection that carries them is cut.

    `passed` holds (offset, bytes) of each part that went through it, as far as it went.
    """

    def __init__(self, target: str, cuts: Iterable[int]) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname, parts.port)
        self.cuts = sorted(cuts)
        self.cut_count = 0
        self.passed: list[list[int]] = []
        self.total = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> CuttingProxy:
        return self

    def __exit__(self, *_: Any) -> None:
        for one in (self.listener, *list(self.sockets)):
            with suppress(OSError):
                one.close()

    @property
    def passed_bytes(self) -> int:
        return sum(length for _offset, length in self.passed)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                server = socket.create_connection(self.target)
                self.sockets |= {client, server}
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(PIECE):
                client.sendall(piece)
        for one in (client, server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        part: list[int] | None = None
        head = b""
        with suppress(OSError):
            while piece := client.recv(PIECE):
                if part is None:
                    head += piece
                    if _POST.match(head) and b"\r\n\r\n" not in head:
                        continue  # the whole head, to know the offset
                    if _POST.match(head) and (found := _OFFSET.search(head)):
                        start, piece = head.split(b"\r\n\r\n", 1)
                        server.sendall(start + b"\r\n\r\n")
                        part = [int(found[1]), 0]
                        with self.lock:
                            self.passed.append(part)
                    else:
                        piece, head = head, b""
                        server.sendall(piece)
                        continue
                if self._pass(server, piece, part):
                    self._cut(client, server)
                    return
            server.shutdown(socket.SHUT_WR)

    def _pass(self, server: socket.socket, piece: bytes, part: list[int]) -> bool:
        """Let a piece of a part through, or its beginning. Whether the line is to be cut now."""
        with self.lock:
            left = self.cuts[0] - self.total if self.cuts else len(piece)
            through = piece[: max(0, min(left, len(piece)))]
            self.total += len(through)
            part[1] += len(through)
            is_cut = bool(self.cuts) and left < len(piece)
            if is_cut:
                self.cuts.pop(0)
                self.cut_count += 1
        server.sendall(through)
        return is_cut

    @staticmethod
    def _cut(client: socket.socket, server: socket.socket) -> None:
        """The client's side breaks at once; what was let through still arrives."""
        with suppress(OSError):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)
