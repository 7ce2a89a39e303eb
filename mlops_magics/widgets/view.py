"""How does one output change in place, take answers, and become static again?

A static page is published first, so that there is something to see before anything is
imported; the anchor that fills it opens after. Everything here may be called from any
thread. What the page shows is the caller's.
"""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from mlops_magics.display.bundle import Bundle
from mlops_magics.errors import MLOpsError

from .controls import Control

# How often the static page is brought up to date while the live one changes by itself,
# and how long after somebody used a control.
SECONDS_BETWEEN_PAGES = 5.0
SECONDS_AFTER_ANSWER = 1.0

Answer = Callable[[str, Any], None]


class View:
    """One output that changes in place.

    Parameters
    ----------
    shell : InteractiveShell
        Whose running cell the output belongs to.
    answer : callable, optional
        Called with the name of a control that was used and its value.

    Examples
    --------
    >>> view = View(get_ipython())  # doctest: +SKIP
    >>> view.show(bundle, (Button("refresh", "Refresh"),))  # doctest: +SKIP
    >>> view.close(bundle)  # doctest: +SKIP
    """

    def __init__(self, shell: Any, answer: Answer | None = None) -> None:
        self._shell, self._answer = shell, answer
        self._marker = uuid.uuid4().hex
        self._guard = threading.RLock()
        self._anchor: Any = None
        self._bundle: Bundle | None = None
        self._controls: tuple[Control, ...] = ()
        self._kept: float | None = None
        self._timer: threading.Timer | None = None
        self._is_closed = False

    @property
    def is_open(self) -> bool:
        """Whether it still changes."""
        return not self._is_closed

    def show(
        self, bundle: Bundle, controls: Sequence[Control] = (), said: str | None = None
    ) -> None:
        """Show a page with its controls in place of the one before.

        Parameters
        ----------
        bundle : Bundle
            What `display` made.
        controls : sequence of Control, default=()
            What stands above it.
        said : str, optional
            A line beside the controls; what stands there stays by default.
        """
        with self._guard:
            if self._is_closed:
                return
            is_first = self._bundle is None
            self._bundle, self._controls = bundle, tuple(controls)
            if is_first:
                self._publish(bundle, update=False)
                self._open(said or "")
                return
            with self._anchor.hold_sync():
                self._anchor.page = bundle.html
                self._anchor.controls = self._described()
                if said is not None:
                    self._anchor.said = said
            # other front ends than JupyterLab show the static page alone
            if time.monotonic() - (self._kept or 0.0) > SECONDS_BETWEEN_PAGES:
                self._publish(bundle, update=True)

    def say(self, said: str) -> None:
        """Show a line beside the controls."""
        with self._guard:
            if self._anchor is not None and not self._is_closed:
                self._anchor.said = said

    def close(self, bundle: Bundle | None = None) -> None:
        """Leave a static page, by default what is shown; later calls do nothing.

        Parameters
        ----------
        bundle : Bundle, optional
            The last page.
        """
        with self._guard:
            last = bundle or self._bundle
            if self._is_closed or last is None or self._anchor is None:
                return
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()
            # a page that was loaded again gets no update of the output: it keeps this
            with self._anchor.hold_sync():
                self._anchor.page = last.html
                self._anchor.ended = True
            self._shell.display_pub.publish(
                last.mimebundle(), {}, transient={"display_id": self._marker}, update=True
            )
            self._anchor.end()

    def _open(self, said: str) -> None:
        # the first live view of a kernel pays for ipywidgets
        from .anchor import Anchor

        assert self._bundle is not None
        self._anchor = Anchor(
            marker=self._marker,
            page=self._bundle.html,
            controls=self._described(),
            said=said,
        )
        self._anchor.on_msg(self._receive)

    def _described(self) -> list[dict[str, Any]]:
        return [control.described() for control in self._controls]

    def _publish(self, bundle: Bundle, update: bool) -> None:
        """Put the page into the output, with the marker by which the anchor finds it."""
        marked = f"<div data-mlops-live='{self._marker}'>{bundle.html}</div>"
        mimes = Bundle(html=marked, text=bundle.text).mimebundle()
        transient = {"display_id": self._marker}
        self._shell.display_pub.publish(mimes, {}, transient=transient, update=update)
        self._kept = time.monotonic()

    def _receive(self, _: Any, content: object, __: Any) -> None:
        """Read a message of the page, let it be answered, and say that it was."""
        if not isinstance(content, dict) or self._is_closed:
            return
        used = next((c for c in self._controls if c.name == content.get("name")), None)
        if used is not None and self._answer is not None:
            self.say("")
            try:
                self._answer(used.name, used.read(content.get("value")))
            except MLOpsError as error:
                self.say(str(error))
            except Exception as error:  # noqa: BLE001 - the edge: nobody above would show it
                self.say(f"{type(error).__name__}: {error}"[:300])
        with self._guard:
            if not self._is_closed:
                self._anchor.send({"answered": content.get("number")})
                self._keep_later()

    def _keep_later(self) -> None:
        """Bring the static page up to date once nobody uses a control any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(SECONDS_AFTER_ANSWER, self._keep)
        self._timer.daemon = True
        self._timer.start()

    def _keep(self) -> None:
        with self._guard:
            if not self._is_closed and self._bundle is not None:
                self._publish(self._bundle, update=True)
