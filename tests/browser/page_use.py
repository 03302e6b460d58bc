"""The page of the service as tests use it: data dropped on it, and what it shows then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

VALUES = [112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170]
MONTHS = [f"{1949 + month // 12}-{month % 12 + 1:02}" for month in range(len(VALUES))]
AIR = "month,passengers\n" + "".join(
    f"{month},{value}\n" for month, value in zip(MONTHS, VALUES, strict=True)
)
DROP = """([name, text]) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File([text], name));
  const options = {dataTransfer: dropped, bubbles: true, cancelable: true};
  document.body.dispatchEvent(new DragEvent("drop", options));
}"""


def drop(page: Page | Frame, text: str, name: str = "air.csv") -> None:
    page.evaluate(DROP, [name, text])


def shown_steps(page: Page | Frame, steps: int) -> None:
    """Wait until the table has that many rows."""
    page.wait_for_function(
        "count => document.querySelectorAll('#table tbody tr').length === count"
        " && document.getElementById('result').ariaBusy === 'false'",
        arg=steps,
    )


def problem(page: Page | Frame) -> str:
    """Return the complaint of the page, once there is one."""
    page.wait_for_function("() => document.getElementById('problem').textContent !== ''")
    return page.inner_text("#problem")


def notes(page: Page) -> list[str]:
    """Return the lines below the chart."""
    return page.locator("#notes li").all_inner_texts()
