"""The page that a browser gets at /graphql: GraphiQL where `make` could install it, else our own."""
import sys
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = Path(sys.prefix) / "explorer" / "node_modules"  # by `make explorer`

GRAPHIQL = {
    "react.js": INSTALLED / "react/umd/react.production.min.js",
    "react-dom.js": INSTALLED / "react-dom/umd/react-dom.production.min.js",
    "graphql-ws.js": INSTALLED / "graphql-ws/umd/graphql-ws.min.js",
    "graphiql.min.js": INSTALLED / "graphiql/graphiql.min.js",
    "graphiql.min.css": INSTALLED / "graphiql/graphiql.min.css",
}
ASSETS = {name: HERE / name for name in ("explorer.css", "graphiql.js", "plain.js", "session.js")} | GRAPHIQL

# All that either page needs. GraphiQL's editor sets styles as it goes; its fonts are data in its style sheet.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


def page() -> str:
    """The page as HTML; it loads /explorer/<name> for names in ASSETS, and nothing from elsewhere."""
    whole = all(path.is_file() for path in GRAPHIQL.values())
    return (HERE / ("graphiql.html" if whole else "plain.html")).read_text("utf-8")
