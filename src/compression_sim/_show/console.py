"""Whatever rich can render, as plain text and as HTML; results that show themselves."""

import io

STYLE = "white-space:pre;overflow-x:auto;line-height:normal;font-family:monospace"


def as_text(renderable, width: int = 100) -> str:
    """Plain text of `width` columns, without colours and trailing spaces."""
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(renderable, crop=False)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def as_html(renderable, width: int = 120) -> str:
    """HTML of `width` columns, for a notebook."""
    from rich.console import Console

    console = Console(file=io.StringIO(), record=True, width=width)
    console.print(renderable, crop=False)
    return console.export_html(code_format=f'<pre style="{STYLE}">{{code}}</pre>', inline_styles=True)


class Shown:
    """A result with `__rich__` (or `__rich_console__`): `print` shows it as text, a notebook as HTML."""

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
