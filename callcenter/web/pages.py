"""The browser pages, as `make` has built them from the folder `web`."""

import os
from pathlib import Path

from aiohttp import web

BUILT = Path(__file__).with_name("built")
PAGES = web.AppKey("pages", Path)
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".woff2": "font/woff2",
}
_OF_THE_PAGES = "(?!(?:api|assets|health|metrics)(?:/|$)).*"
_FOREVER = "public, max-age=31536000, immutable"  # a built asset's name holds its content's hash


def built_pages() -> Path:
    """The folder of the built pages; HOTLINE_PAGES names another one."""
    return Path(os.environ.get("HOTLINE_PAGES") or BUILT)


def add_pages(app: web.Application) -> None:
    """Serve the pages: the assets by name, and the one page at every address of its own."""
    folder = built_pages()
    app[PAGES] = folder
    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }  # a closed list: no name from outside ever becomes a path

    async def get_asset(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = files.get(f"assets/{name}")
        if path is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": _FOREVER}
        return web.Response(body=path.read_bytes(), content_type=_type_of(path), headers=headers)

    async def get_page(request: web.Request) -> web.StreamResponse:
        path = files.get(request.match_info["path"]) or files.get("index.html")
        if path is None:
            text = "The pages are not built: run `make run`, or `python -m setup pages`.\n"
            return web.Response(status=503, text=text)
        return web.Response(body=path.read_bytes(), content_type=_type_of(path))

    app.router.add_get("/assets/{name}", get_asset)
    app.router.add_get(f"/{{path:{_OF_THE_PAGES}}}", get_page)


def _type_of(path: Path) -> str:
    return _TYPES.get(path.suffix, "application/octet-stream")
