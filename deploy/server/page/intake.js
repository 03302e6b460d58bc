/** Every way in for data: a file that is chosen or dropped, text that is pasted, typed or dropped, the example. */

import { DataProblem, decode } from "./csv.js";

const LARGEST_FILE = 64 * 2 ** 20; // bytes

/** load(name, text) gets what comes in; attempt(step) tells problems; example() is asked for made-up data. */
export function listen({ load, attempt, example }) {
  const text = document.getElementById("text");
  const loadText = () => load("What was pasted", text.value);
  const on = (id, kind, act) => document.getElementById(id).addEventListener(kind, act);
  on("file", "change", (event) => {
    loadFile(event.target.files[0], load, attempt);
    event.target.value = ""; // so that the same file can be chosen again
  });
  on("text", "paste", () => setTimeout(loadText)); // the text is there after the event
  on("use-text", "click", loadText);
  on("use-example", "click", example);
  listenForDrops(load, attempt);
}

async function loadFile(file, load, attempt) {
  if (!file) return;
  const size = Math.round(file.size / 2 ** 20);
  const buffer = file.size > LARGEST_FILE ? null : await file.arrayBuffer();
  attempt(() => {
    if (buffer === null) throw new DataProblem(`${file.name} has ${size} MiB, expected at most 64.`);
    load(file.name, decode(buffer));
  });
}

/** Anywhere on the page. */
function listenForDrops(load, attempt) {
  const { classList } = document.body;
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    classList.remove("dropping");
    const text = event.dataTransfer.getData("text/plain");
    if (event.dataTransfer.files.length > 0) loadFile(event.dataTransfer.files[0], load, attempt);
    else if (text) load("What was dropped", text);
  });
}
