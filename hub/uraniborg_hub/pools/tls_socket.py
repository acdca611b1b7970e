"""TLS sockets whose failures stay their own; importing this module makes every new TLS socket of the process one.

A pool's scheduler reads many TLS connections in one thread. When a peer goes away in the middle of a write, OpenSSL
3.4 and later leave an error in that thread's queue; CPython raises it and lets it stand, and the next healthy
connection that has nothing to read is told that it broke (python/cpython issues 81891 and 148594, open for 3.13 to
3.15). Debian 13 has these versions: there a pool would lose its clients at random.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_scratch = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def clear_errors() -> None:
    """Empty this thread's queue of OpenSSL errors: what `set_ciphers` does after it has refused a name."""
    with contextlib.suppress(ssl.SSLError):
        _scratch.set_ciphers("NONE-OF-THIS-NAME")


class TlsSocket(ssl.SSLSocket):
    """An SSLSocket that leaves no error behind for others; its methods do what those of `ssl.SSLSocket` do."""

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        """Read into a buffer."""
        try:
            return super().recv_into(buffer, nbytes, flags)
        except OSError as error:
            _clear_after(error)
            raise

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """Write."""
        try:
            return super().send(data, flags)
        except OSError as error:
            _clear_after(error)
            raise

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands."""
        try:
            super().do_handshake(block)
        except OSError as error:
            _clear_after(error)
            raise


def _clear_after(error: OSError) -> None:
    if not isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError):
        clear_errors()


ssl.SSLContext.sslsocket_class = TlsSocket
