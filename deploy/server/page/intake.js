/** Every way in for data: a file that is chosen or dropped, text that is pasted, typed or dropped, the example. */

import { DataProblem } from "./csv.js";

const element = (id) => document.getElementById(id);
const PASTED = "What was pasted";

/**
 * Listen for all of them. read(name, blobOf): the data; blobOf: a function that gives, or promises, their bytes.
 *
 * example(): the made-up data are asked for; largest(): bytes that a file may have.
 */
export function listen({ read, example, largest }) {
  const text = element("text");
  const readText = () => read(PASTED, () => new Blob([text.value]));
  const readChosen = (files) => readFiles([...files], read, largest());
  const on = (id, kind, act) => element(id).addEventListener(kind, act);
  on("file", "change", (event) => {
    if (event.target.files.length > 0) readChosen(event.target.files);
    event.target.value = ""; // so that the same file can be chosen again
  });
  on("text", "paste", () => setTimeout(readText)); // the text is there after the event
  on("use-text", "click", readText);
  on("use-example", "click", example);
  on("other-data", "click", otherData);
  on("keep", "click", keepData);
  listenForDrops(read, readChosen);
}

function otherData() {
  element("input").hidden = false;
  element("keep").hidden = false;
  element("given").hidden = true;
  element("text").focus();
}

function keepData() {
  element("input").hidden = true;
  element("given").hidden = false;
  element("other-data").focus();
}

function readFiles(files, read, largest) {
  const [file] = files;
  read(file.name, async () => {
    if (files.length > 1)
      throw new DataProblem(`Found ${files.length} files, expected one. Put all series into one table.`);
    const [size, most] = [file.size, largest].map((bytes) => Math.ceil(bytes / 2 ** 20));
    if (file.size > largest) throw new DataProblem(`${file.name} has ${size} MiB, expected at most ${most}.`);
    return new Blob([await bytesOf(file)]);
  });
}

async function bytesOf(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new DataProblem(`${file.name} cannot be read: it is a folder, or no longer there. Expected a file.`);
  }
}

/** Anywhere on the page. */
function listenForDrops(read, readChosen) {
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
    if (event.dataTransfer.files.length > 0) readChosen(event.dataTransfer.files);
    else if (text) read("What was dropped", () => new Blob([text]));
  });
}
