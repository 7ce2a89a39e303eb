"""What goes into a cell's output?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One output, for a notebook and for a terminal.

    Parameters
    ----------
    html : str
        Safe to show: everything in it is escaped.
    text : str
        Says the same, complete by itself.

    Examples
    --------
    >>> sorted(Bundle(html="<p>1</p>", text="1").mimebundle())
    ['text/html', 'text/plain']
    """

    html: str
    text: str

    def mimebundle(self) -> dict[str, str]:
        """Return the output by mime type."""
        return {"text/html": self.html, "text/plain": self.text}
