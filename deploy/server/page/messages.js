/** What the page says of itself: a problem, with a way to try again or to read otherwise, and what it is doing. */

import { optionButtons } from "./show.js";

const element = (id) => document.getElementById(id);
let tryAgain = null;

element("try-again").addEventListener("click", () => tryAgain?.());

/** Say a problem in place of the last; "" for none. again: to be done by a button, or null; options: of the query. */
export function say(text, again = null, options = []) {
  element("problem").textContent = text;
  element("cures").replaceChildren(...(options.length > 0 ? [optionButtons(options)] : []));
  element("again").hidden = again === null;
  tryAgain = again;
}

/** Say what is being done; unseen where a result fades instead. */
export function tell(text) {
  element("status").textContent = text;
  element("status").classList.toggle("unseen", !element("result").hidden);
}
