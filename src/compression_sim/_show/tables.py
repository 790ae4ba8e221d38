"""Tables that stay readable however narrow the terminal."""

from dataclasses import dataclass

FIRST = 11  # least width of a table's first column


@dataclass(frozen=True)
class Grouped:
    """A table of text under headings; a rich renderable that cuts no column, however narrow the terminal.

    `columns`: names; `sides`: "<" or ">" for each; `groups`: rows of cells by heading. The first column
    wraps in the width that the others leave; where that is too little, they break at their spaces too.
    """

    columns: tuple[str, ...]
    sides: str
    groups: dict[str, list[tuple]]

    def __rich_console__(self, console, options):
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        def grid(rows, style=""):
            table = Table.grid(padding=(0, gap, 0, 0))
            for width, side in zip(widths, self.sides, strict=True):
                table.add_column(justify={"<": "left", ">": "right"}[side], width=width, overflow="fold")
            for first, *rest in rows:
                table.add_row(Padding(Text(first), (0, 0, 0, 2)), *map(_plain_text, rest), style=style)
            return console.render(table, options.update(width=sum(widths) + gap * len(widths)))

        gap, widths = self._widths(options.max_width)
        yield from grid([self.columns], "bold")
        for heading, rows in self.groups.items():
            if heading:
                yield Text(heading, "bold cyan")
            yield from grid(rows)
        yield Text("")

    def _widths(self, room) -> tuple[int, list[int]]:
        """The gap between columns and their widths: what is too wide first loses gaps, then breaks."""
        from rich.cells import cell_len

        rows = [self.columns, *(row for rows in self.groups.values() for row in rows)]
        cells = [list(map(str, column)) for column in zip(*rows, strict=True)]
        widths = [max(map(cell_len, column)) for column in cells]
        least = FIRST + sum(widths[1:])
        gap = 2 if least + 2 * len(widths) <= room else 1
        for index in sorted(range(1, len(widths)), key=widths.__getitem__, reverse=True):
            if FIRST + sum(widths[1:]) + gap * len(widths) > room:
                widths[index] = max(cell_len(word) for text in cells[index] for word in text.split() or [""])
        left = room - sum(widths[1:]) - gap * len(widths)
        return gap, [max(FIRST, min(widths[0] + 2, left)), *widths[1:]]


def _plain_text(cell):
    """A cell as it is, its brackets no markup of rich's."""
    from rich.text import Text

    return cell if isinstance(cell, Text) else Text(cell)
