"""The page on loopback, and nowhere else."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from custom.explorer.model import ExplorerModel
from custom.explorer.page import STYLE, Page, gr
from custom.explorer.split_images import SplitImages
from custom.explorer.subject import MAX_BYTES

HOST = "127.0.0.1"
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
"""The browser asks nobody but this server, whatever Gradio's scripts would load."""

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")


class SecurityHeaders:
    """Add the content security policy to every answer.

    Args:
        app: the application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(b"content-security-policy", POLICY.encode()), (b"referrer-policy", b"no-referrer")]
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        await self.app(scope, receive, with_headers)


def require_free(port: int) -> None:
    """Make sure that nobody listens on a port of loopback.

    Args:
        port: 1 to 65535.

    Raises:
        ValueError: if it is not a port.
        OSError: if it is taken, or may not be used; in one sentence.
    """
    if not 0 < port < 65536:
        raise ValueError(f"--port must lie between 1 and 65535, not {port}.")
    with socket.socket() as probe:
        # As the server does it: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise OSError(f"Port {port} {reason}; pass another --port.") from None


@contextmanager
def serving(models: Sequence[ExplorerModel], images: SplitImages, port: int) -> Iterator[str]:
    """Serve the page while the context lasts.

    Args:
        models: see :class:`Page`.
        images: see :class:`Page`.
        port: a free port of loopback.

    Yields:
        The page's address.

    Raises:
        OSError: if the port is taken.
    """
    require_free(port)
    font = list(FONTS)
    theme = gr.themes.Base(font=font, font_mono=["ui-monospace", "monospace"])
    with tempfile.TemporaryDirectory(prefix="explorer-") as uploads:
        os.environ["GRADIO_TEMP_DIR"] = uploads
        page = Page(models, images).build()
        page.queue(default_concurrency_limit=1, max_size=32)
        _, address, _ = page.launch(
            server_name=HOST,
            server_port=port,
            share=False,
            prevent_thread_lock=True,
            quiet=True,
            show_error=False,
            footer_links=[],
            run_history=False,
            allowed_paths=[],
            max_file_size=MAX_BYTES,
            enable_monitoring=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            state_session_capacity=16,
            theme=theme,
            css=STYLE.read_text(encoding="utf-8"),
            app_kwargs={
                "docs_url": None,
                "redoc_url": None,
                "openapi_url": None,
                "middleware": [
                    Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"]),
                    Middleware(SecurityHeaders),
                ],
            },
        )
        try:
            yield address
        finally:
            page.close(verbose=False)
