/** An answer that is none: the text is the service's own. status: 0 where nothing is answered; content: all of its JSON. */
export class Refused extends Error {
  constructor(status, message, content = null) {
    super(message);
    Object.assign(this, { status, content });
  }

  /** Whether the same may be answered later. */
  get isPassing() {
    return [0, 408, 429].includes(this.status) || this.status >= 500;
  }
}
