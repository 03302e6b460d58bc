/** Says the values of a figure where the pointer is, or where the arrow keys went: those that are listed below it. */

for (const figure of document.querySelectorAll("figure.read")) {
  const listed = figure.querySelector("pre");
  const [head, ...rows] = listed.textContent.trimEnd().split("\n").map((line) => line.split("\t"));
  const horizon = rows.filter((row) => row.length > 2).length; // a row of the history has no median
  const said = figure.querySelector("output");
  const atRest = said.textContent;
  const say = (text) => (said.textContent = text ?? atRest);
  for (const plot of figure.querySelectorAll(".plot")) follow(plot, { head, rows, horizon, say });
  figure.querySelector("details").addEventListener("toggle", () => listed.replaceWith(table(head, rows)), { once: true });
}

/** The values as a table: without a script they are lines with tabs, which take half the room in the file. */
function table(head, rows) {
  const made = document.createElement("table");
  const append = (part, tag, texts) => {
    const row = part.insertRow();
    texts.forEach((text, column) => {
      const cell = row.appendChild(document.createElement(column ? tag : "th"));
      cell.textContent = text;
      if (cell.tagName === "TH") cell.scope = tag === "th" ? "col" : "row";
    });
  };
  append(made.createTHead(), "th", head);
  const body = made.createTBody();
  for (const row of rows) append(body, "td", row);
  return made;
}

/** Follow the pointer and the keys on one drawing. Step 0 is the last value of the history. */
function follow(plot, { head, rows, horizon, say }) {
  const svg = plot.querySelector("svg");
  const [left, right, top, bottom, first, last, low, high] = svg.dataset.frame.split(" ").map(Number);
  const least = Math.max(Math.ceil(first), horizon - rows.length + 1);
  const marks = svg.appendChild(document.createElementNS(svg.namespaceURI, "g"));
  let at = null;

  const x = (step) => left + ((step - first) / (last - first)) * (right - left);
  const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);

  function show(step) {
    at = step;
    marks.replaceChildren();
    if (step === null) return say(null);
    const [time, actual, ...ahead] = rows[rows.length - 1 - horizon + step];
    draw("line", { x1: x(step), x2: x(step), y1: top, y2: bottom, class: "s-grey" });
    for (const [text, ink] of [[actual, "ink"], [ahead[0], "blue"]]) {
      const value = Number((text ?? "").replaceAll(",", ""));
      if (text && !Number.isNaN(value)) draw("circle", { cx: x(step), cy: y(value), r: 4, class: `f-${ink}` });
    }
    const values = [actual, ...ahead].map((text, column) => text && `${head[column + 1]} ${text}`).filter(Boolean);
    say(`${time}: ${values.join(" · ")}`);
  }

  function draw(name, attributes) {
    const mark = marks.appendChild(document.createElementNS(svg.namespaceURI, name));
    for (const [key, value] of Object.entries(attributes)) mark.setAttribute(key, value);
  }

  plot.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const step = Math.round(first + ((place - left) / (right - left)) * (last - first));
    show(step < least ? null : Math.min(horizon, step));
  });
  plot.addEventListener("pointerleave", () => show(null));
  plot.addEventListener("blur", () => show(null));
  plot.addEventListener("keydown", (event) => {
    const now = at ?? 0;
    const steps = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: least, End: horizon, Escape: null };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const step = steps[event.key];
    show(step === null ? null : Math.min(horizon, Math.max(least, step)));
  });
}
