/** Keeps the rows with the highest scores. */
export class Best {
  #scores;
  #rows;

  constructor(size) {
    this.#scores = new Float64Array(size);
    this.#rows = new Uint32Array(size);
    this.clear();
  }

  clear() {
    this.#scores.fill(-Infinity);
  }

  offer(score, row) {
    const scores = this.#scores;
    let place = scores.length - 1;
    if (score <= scores[place]) return;
    for (; place > 0 && scores[place - 1] < score; place--) {
      scores[place] = scores[place - 1];
      this.#rows[place] = this.#rows[place - 1];
    }
    scores[place] = score;
    this.#rows[place] = row;
  }

  /** Best first. */
  rows() {
    return Array.from(this.#rows);
  }
}
