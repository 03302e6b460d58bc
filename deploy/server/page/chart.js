/** The chart of one series: its history, unusual values in it, the median that continues it, and intervals around that. */

/* global uPlot */

import { intervals } from "./answer.js";
import { timeLabels, valueLabels } from "./axis.js";

const HEIGHTS = { phone: 300, desktop: 420 },
  PHONE = 600; // CSS pixels
const SHADES = [0.25, 0.52]; // of the widest interval, and of all that lie upon each other
const DOT = 6, // CSS pixels across
  RING = 13,
  CAP = 5; // of a bar, on each side
const LABEL_WIDTH = 74; // CSS pixels between labels of times

/** A chart in an element, drawn again for each series, size and colour scheme. */
export class Chart {
  #element;
  #onPoint;
  #plot = null;
  #drawn = null;

  /** onPoint({x, history, median, low, high} or null): what is under the pointer. */
  constructor(element, onPoint) {
    this.#element = element;
    this.#onPoint = onPoint;
    new ResizeObserver(() => this.#resize()).observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const drawAgain = () => this.#drawn && this.draw(this.#drawn);
    scheme.addEventListener("change", drawAgain);
    addEventListener("scheme", drawAgain); // of a page around this one, which may have chosen another
    element.addEventListener("keydown", (event) => this.#walk(event));
    element.addEventListener("blur", () => this.#plot?.setCursor({ left: -10, top: -10 }));
  }

  /** Draw the median of a what-if, too; null: none. */
  compare(whatIf) {
    if (this.#drawn && (this.#drawn.whatIf ?? null) !== whatIf) this.draw({ ...this.#drawn, whatIf });
  }

  /** Mark values of the history: [{x, y, low, high}], low and high of what was forecast of each. */
  mark(marks) {
    if (this.#drawn && (marks.length > 0 || this.#drawn.marks?.length > 0)) this.draw({ ...this.#drawn, marks });
  }

  /** drawn: {curve, forecast, isTime, zone, whatIf, marks}. */
  draw(drawn) {
    this.#drawn = drawn;
    this.#plot?.destroy();
    const { data, series, bands } = layers(drawn, coloursOf(this.#element));
    const options = { ...this.#size(), ...look(drawn, coloursOf(this.#element)), series, bands };
    options.hooks = { setCursor: [(plot) => this.#tell(plot)] };
    this.#plot = new uPlot(options, data, this.#element);
  }

  #size() {
    const width = this.#element.clientWidth;
    return { width, height: width < PHONE ? HEIGHTS.phone : HEIGHTS.desktop };
  }

  #resize() {
    if (this.#plot && this.#element.clientWidth !== this.#plot.width) this.#plot.setSize(this.#size());
  }

  /** Arrow keys move from point to point, Home and End to the first and the last. */
  #walk(event) {
    const plot = this.#plot;
    if (!plot) return;
    const last = plot.data[0].length - 1;
    const start = this.#drawn.curve.x.length; // the first step of the forecast
    const now = plot.cursor.idx ?? start - 1;
    const places = { ArrowLeft: Math.max(0, now - 1), ArrowRight: Math.min(last, now + 1), Home: 0, End: last };
    if (!(event.key in places)) return;
    event.preventDefault();
    const x = plot.data[0][places[event.key]];
    plot.setCursor({ left: plot.valToPos(x, "x"), top: plot.over.clientHeight / 2 });
  }

  #tell(plot) {
    const at = plot.cursor.idx;
    if (at === null || at === undefined || plot.cursor.left < 0) return this.#onPoint(null);
    const { curve, forecast, marks = [] } = this.#drawn;
    const step = at - curve.x.length;
    const mark = marks.find(({ x }) => x === curve.x[at]);
    if (step < 0) return this.#onPoint({ x: curve.x[at], history: curve.y[at], mark });
    const [widest] = intervals(forecast.levels);
    const bounds = widest ? { low: widest.low[step], high: widest.high[step], share: widest.share } : {};
    return this.#onPoint({ x: forecast.x[step], median: forecast.median[step], ...bounds });
  }
}

/** Data, series and bands of uPlot. All that is forecast starts at the last value, so that nothing hangs in the air. */
function layers({ curve, forecast, whatIf, marks = [] }, colours) {
  const { x, y } = curve;
  const before = Array(Math.max(0, x.length - 1)).fill(null);
  const ahead = (values) => [...before, y.at(-1) ?? null, ...values];
  const pairs = intervals(forecast.levels);
  const edge = { width: 0, points: { show: false }, stroke: "transparent" };
  const data = [
    [...x, ...forecast.x],
    [...y, ...forecast.x.map(() => null)],
  ];
  const series = [
    {},
    { stroke: colours.ink, width: 1.5, points: { show: true, filter: lonePoints, fill: colours.ink, size: DOT } },
  ];
  const bands = [];
  for (const { low, high } of pairs) {
    bands.push({ series: [data.length, data.length + 1], fill: colours.shade(pairs.length) });
    data.push(ahead(high), ahead(low));
    series.push(edge, edge);
  }
  data.push(ahead(forecast.median));
  series.push({ stroke: colours.blue, width: 2.25, points: { show: forecast.x.length === 1, fill: colours.blue } });
  if (whatIf) {
    data.push(ahead(whatIf));
    series.push({ stroke: colours.amber, width: 2.25, dash: [7, 5], points: { show: whatIf.length === 1 } });
  }
  if (marks.length > 0) {
    const marked = new Map(marks.map(({ x, y }) => [x, y]));
    data.push([...x.map((one) => marked.get(one) ?? null), ...forecast.x.map(() => null)]);
    const ring = { show: true, size: RING, width: 2, stroke: colours.red, fill: "transparent" };
    series.push({ stroke: colours.red, width: 0, paths: () => null, points: ring });
  }
  return { data, series, bands };
}

/** Places of a series without a neighbour, to which no line leads. */
function lonePoints(plot, series) {
  const values = plot.data[series];
  const isThere = (at) => values[at] !== null && values[at] !== undefined;
  return values.flatMap((_, at) => (isThere(at) && !isThere(at - 1) && !isThere(at + 1) ? [at] : []));
}

/** Axes, cursor and the border between history and forecast. */
function look({ curve, isTime, zone, marks = [] }, colours) {
  const axis = {
    stroke: colours.soft,
    font: `13px ${colours.font}`,
    ticks: { show: false },
    grid: { stroke: colours.rule, width: 1 },
    gap: 8,
  };
  const border = (plot) => {
    const at = plot.valToPos(curve.x.at(-1), "x", true);
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = colours.soft;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  };
  const expected = ({ ctx, bbox, valToPos }) => {
    const cap = CAP * devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.strokeStyle = colours.blue;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    for (const { x, low, high } of marks.filter((mark) => mark.low !== undefined)) {
      const [at, bottom, top] = [valToPos(x, "x", true), valToPos(low, "y", true), valToPos(high, "y", true)];
      ctx.moveTo(at, bottom);
      ctx.lineTo(at, top);
      for (const end of [bottom, top]) {
        ctx.moveTo(at - cap, end);
        ctx.lineTo(at + cap, end);
      }
    }
    ctx.stroke();
    ctx.restore();
  };
  const widest = (plot, labels) => 18 + Math.max(...(labels ?? [""]).map((one) => 7.5 * one.length));
  const height = (_plot, labels) => (labels?.some((one) => String(one).includes("\n")) ? 54 : 36);
  const times = isTime ? { values: timeLabels(zone) } : {};
  return {
    legend: { show: false },
    padding: [12, 12, 0, 0],
    cursor: { y: false, drag: { x: true, y: false }, points: { size: 7, show: true } },
    scales: {
      x: { time: isTime },
      y: { range: (plot, low, high) => (low === null ? [0, 1] : uPlot.rangeNum(low, high, 0.08, true)) },
    },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    axes: [
      { ...axis, ...times, space: LABEL_WIDTH, size: height, grid: { show: false } },
      { ...axis, values: valueLabels, size: widest },
    ],
    plugins: [{ hooks: { drawAxes: [border, expected] } }],
  };
}

/** Those of the style sheet. */
function coloursOf(element) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const [widest, all] = SHADES;
  const hex = colour("blue");
  const shade = (layers) => {
    const alpha = layers === 1 ? widest : 1 - (1 - all) ** (1 / layers);
    return (
      hex +
      Math.round(255 * alpha)
        .toString(16)
        .padStart(2, "0")
    );
  };
  return { ink: colour("ink"), soft: colour("soft"), rule: colour("rule"), blue: hex, amber: colour("amber"), red: colour("red"), shade, font: style.fontFamily };
}
