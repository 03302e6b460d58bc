/** Labels of a time axis, in the language of the browser. */

const MINUTE = 60,
  DAY = 86400,
  MONTH = 28 * DAY,
  YEAR = 365 * DAY; // seconds

const CLOCK = { hour: "2-digit", minute: "2-digit" },
  SECONDS = { ...CLOCK, second: "2-digit" };
const DATE = { day: "numeric", month: "short" };

// From the least distance of labels on: what each says, and what is said below it where it changes.
const DETAILS = [
  [YEAR, { year: "numeric" }, null],
  [MONTH, { month: "short" }, { year: "numeric" }],
  [DAY, DATE, { year: "numeric" }],
  [MINUTE, CLOCK, DATE],
  [0, SECONDS, DATE],
];

/** A function of uPlot: texts of the places, which are `distance` seconds apart. */
export function timeLabels(zone) {
  return (_plot, places, _axis, _space, distance) => {
    const [, detail, below] = DETAILS.find(([least]) => distance >= least);
    const write = writer(detail, zone);
    const change = below && writer(below, zone);
    let previous = null;
    return places.map((place) => {
      const lower = change ? change(place) : null;
      const text = lower === null || lower === previous ? write(place) : `${write(place)}\n${lower}`;
      previous = lower;
      return text;
    });
  };
}

/** A function of uPlot for values: as many digits as their distance has. */
export function valueLabels(_plot, places, _axis, _space, distance) {
  const largest = Math.max(...places.map(Math.abs));
  const isEnough = (digits) => Math.abs(distance * 10 ** digits - Math.round(distance * 10 ** digits)) < 1e-6;
  const digits = [0, 1, 2, 3, 4, 5, 6, 7].find(isEnough) ?? 8;
  const isExtreme = largest >= 1e7 || (largest > 0 && largest < 1e-4);
  const short = { notation: largest < 1e15 && largest >= 1 ? "compact" : "scientific", maximumSignificantDigits: 4 };
  const format = new Intl.NumberFormat(undefined, isExtreme ? short : { maximumFractionDigits: digits });
  return places.map((place) => format.format(place));
}

function writer(options, zone) {
  const format = new Intl.DateTimeFormat(undefined, { timeZone: zone, ...options });
  return (seconds) => format.format(seconds * 1000);
}
