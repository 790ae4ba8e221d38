"""What an exception says, whatever it is."""


def in_one_line(error: BaseException) -> str:
    """`ValueError: its text`; the type alone where an exception of a user's cannot even be printed."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
