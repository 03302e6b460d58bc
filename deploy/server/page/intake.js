/** Every way in for data: a file that is chosen or dropped, text that is pasted, typed or dropped, the example. */

import { DataProblem, decode } from "./csv.js";

const LARGEST_FILE = 64 * 2 ** 20; // bytes

/**
 * Listen for all of them. read(name, text): the data; text: a function that gives, or promises, their text.
 *
 * example(): the made-up data are asked for.
 */
export function listen({ read, example }) {
  const text = document.getElementById("text");
  const readText = () => read("What was pasted", () => text.value);
  const on = (id, kind, act) => document.getElementById(id).addEventListener(kind, act);
  on("file", "change", (event) => {
    if (event.target.files.length > 0) readFiles([...event.target.files], read);
    event.target.value = ""; // so that the same file can be chosen again
  });
  on("text", "paste", () => setTimeout(readText)); // the text is there after the event
  on("use-text", "click", readText);
  on("use-example", "click", example);
  listenForDrops(read);
}

function readFiles(files, read) {
  const [file] = files;
  read(file.name, async () => {
    if (files.length > 1)
      throw new DataProblem(`Found ${files.length} files, expected one. Put all series into one table.`);
    const size = Math.ceil(file.size / 2 ** 20);
    if (file.size > LARGEST_FILE) throw new DataProblem(`${file.name} has ${size} MiB, expected at most 64.`);
    return decode(await bytesOf(file));
  });
}

async function bytesOf(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new DataProblem(`${file.name} cannot be read: it is a folder, or no longer there. Expected a CSV file.`);
  }
}

/** Anywhere on the page. */
function listenForDrops(read) {
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
    if (event.dataTransfer.files.length > 0) readFiles([...event.dataTransfer.files], read);
    else if (text) read("What was dropped", () => text);
  });
}
