"""A real browser for tests: headless Chromium, spoken to over a pipe.

Chromium takes commands of its DevTools protocol on file 3 and answers on file 4, each
a JSON object and a zero byte (https://chromedevtools.github.io/devtools-protocol). So
no driver and no library is needed, and no port is opened.

    with Browser() as browser:
        browser.open(Path("page.html"))
        browser.run("document.title")
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATH = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_S = 60


class Browser:
    """One page of a headless Chromium, and what a person can do with it."""

    def __enter__(self):
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs, self._write = os.pipe()
        self._read, back = os.pipe()
        flags = " ".join([*FLAGS, f"--user-data-dir={self._home.name}"])
        command = f"exec {PATH} {flags} about:blank 3<&{theirs} 4>&{back}"
        self._process = subprocess.Popen(
            ["bash", "-c", command],
            pass_fds=(theirs, back),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs), os.close(back)
        self._number, self._session, self._rest, self.events = 0, None, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *error):
        self._process.terminate()
        self._process.wait(PATIENCE_S)
        os.close(self._write), os.close(self._read)
        self._home.cleanup()

    def call(self, method, **arguments):
        """The result of a command of the protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        """The next message from the browser."""
        end = time.monotonic() + PATIENCE_S
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], end - time.monotonic())
            if not ready:
                raise TimeoutError("the browser does not answer")
            self._rest += os.read(self._read, 1 << 20)
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, path):
        """Load a page from a file, and wait until it is there."""
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        end = time.monotonic() + PATIENCE_S
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            if time.monotonic() > end:
                raise TimeoutError("the page does not load")
            self.events.append(self._next())

    def run(self, script):
        """The value of a JavaScript expression."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def errors(self):
        """What the scripts of the page have raised."""
        self.run("0")
        return [e for e in self.events if e.get("method") == "Runtime.exceptionThrown"]

    def requests(self):
        """The addresses that the page has asked for."""
        self.run("0")
        sent = [
            e for e in self.events if e.get("method") == "Network.requestWillBeSent"
        ]
        return [e["params"]["request"]["url"] for e in sent]

    def middle(self, element):
        """Where an element, given as an expression, stands on the screen."""
        place = (
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'nearest'}});"
            " const b = e.getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        return self.run(place)

    def mouse(self, kind, element, **arguments):
        x, y = self.middle(element)
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **arguments)

    def hover(self, element):
        """Move the mouse over an element."""
        self.mouse("mouseMoved", element)

    def click(self, element):
        """Press on an element."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            about = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            self.mouse(kind, element, **about)

    def press(self, key):
        """Press a key, such as ArrowRight or Tab."""
        codes = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        codes |= {"Tab": 9, "Home": 36, "End": 35, "Enter": 13}
        for kind in ("keyDown", "keyUp"):
            about = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
            self.call("Input.dispatchKeyEvent", type=kind, **about)

    def screen(self, width, height, dark=False, scale=1):
        """The size of the window, and whether the system prefers dark pages."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=False,
        )  # fmt: skip
        scheme = "dark" if dark else "light"
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def picture(self, path):
        """Store what is on the screen as PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))
