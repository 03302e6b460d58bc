/** What the page says of itself: a problem, with a way to try again, and what it is doing. */

const element = (id) => document.getElementById(id);
let tryAgain = null;

element("try-again").addEventListener("click", () => tryAgain?.());

/** Say a problem in place of the last; "" for none. again: to be done by a button, or null. */
export function say(text, again = null) {
  element("problem").textContent = text;
  element("again").hidden = again === null;
  tryAgain = again;
}

/** Say what is being done; unseen where a result fades instead. */
export function tell(text) {
  element("status").textContent = text;
  element("status").classList.toggle("unseen", !element("result").hidden);
}
