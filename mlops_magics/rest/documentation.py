"""/docs: what can be asked, as a page and for programs.

The page is written from the description that programs read. It loads nothing from
anywhere and runs nothing: a page that does both would hold the reader's token.
"""

import json
from html import escape
from typing import Any

from fastapi import Request, Response

from .routing import answer, router

ROUTER = router("server")
SHEET = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h2 { font-size: 1rem; margin: 2.5rem 0 0; } code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: color-mix(in srgb, currentColor 6%, transparent); padding: .7rem; overflow: auto;
      border-radius: 4px; } p { margin: .3rem 0; } .soft { opacity: .65; }
td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
"""


@ROUTER.get("/openapi.json", include_in_schema=False)
async def description(request: Request) -> Response:
    """Return the description that programs read."""
    return answer(request.app.openapi())


@ROUTER.get("/docs", include_in_schema=False)
async def page(request: Request) -> Response:
    """Return the description that people read."""
    html = write(request.app.openapi(), str(request.base_url).rstrip("/"))
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(html, media_type="text/html", headers=headers)


def write(description: dict[str, Any], address: str) -> str:
    """Return the page of a description.

    Parameters
    ----------
    description : dict
        As OpenAPI has it.
    address : str
        Of the server.

    Returns
    -------
    str
        HTML by itself.
    """
    parts = [f"<h1>{escape(description['info']['title'])}</h1>"]
    parts += [f"<p>{_prose(text)}</p>" for text in description["info"]["description"].split("\n\n")]
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2>")
            parts.append(f"<p>{_prose(operation.get('description', ''))}</p>")
            parts.append(_table(_fields(description, operation)))
            parts.append(f"<pre>{escape(curl(description, method, path, address))}</pre>")
    head = f"<!doctype html><meta charset='utf-8'><title>mlops_magics</title><style>{SHEET}</style>"
    return head + "".join(parts)


def curl(description: dict[str, Any], method: str, path: str, address: str) -> str:
    """Return a line for a terminal that asks this, with the examples of the fields."""
    operation = description["paths"][path][method]
    verb = "" if method == "get" else f" -X {method.upper()}"
    line = f"curl -s{verb} {address}{path}"
    if operation.get("security"):
        line += ' \\\n  -H "Authorization: Bearer $TOKEN"'
    examples = {
        name: field["examples"][0]
        for name, field in _properties(description, operation).items()
        if field.get("examples")
    }
    if examples:
        said = json.dumps(examples, ensure_ascii=False)
        line += f" \\\n  -H 'Content-Type: application/json' -d '{said}'"
    return line


def _properties(description: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return {}
    name = body["schema"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = description["components"]["schemas"][name]["properties"]
    return found


def _fields(description: dict[str, Any], operation: dict[str, Any]) -> list[tuple[str, str]]:
    asked = [
        (entry["name"], entry.get("description") or entry["schema"].get("description", ""))
        for entry in operation.get("parameters", ())
    ]
    fields = _properties(description, operation).items()
    return asked + [(name, field.get("description", "")) for name, field in fields]


def _table(fields: list[tuple[str, str]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td class='soft'>{escape(said)}</td></tr>"
        for name, said in fields
    )
    return f"<table>{rows}</table>" if rows else ""


def _prose(text: str) -> str:
    """Return a text of ours with its code set as code."""
    parts = escape(text.replace("\n", " ")).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
