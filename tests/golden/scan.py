"""The outermost quotations of a text, by counting marks: a check on labels, not on the project."""

_CLOSES = {"」": "「", "』": "『", "”": "“"}


def outermost(text: str) -> list[str]:
    """Return what stands between outermost 「」, 『』 and “”; ValueError where they do not pair."""
    found: list[str] = []
    stack: list[tuple[str, int]] = []
    for at, mark in enumerate(text):
        if mark in _CLOSES.values():
            stack.append((mark, at + 1))
        elif mark in _CLOSES:
            if not stack or stack[-1][0] != _CLOSES[mark]:
                raise ValueError(f"{mark} at {at} closes nothing: {text[max(0, at - 20) : at]}")
            _, start = stack.pop()
            found += [] if stack else [text[start:at]]
    if stack:
        raise ValueError(f"{stack[0][0]} at {stack[0][1]} is never closed")
    return found
