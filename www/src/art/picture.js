// One drawn picture: a stage of 400 × 400 with light from the upper left and a floor at 340.

import { luminance, tones } from "./color.js";
import { patternTile } from "./patterns.js";

let drawn = 0;

/** Mirrors path data at the middle of the stage. Only absolute commands with pairs of coordinates: M L C Q S T Z. */
export function mirror(path) {
  let isX = false;
  return path.replace(/[A-Z]|-?\d+(?:\.\d+)?/g, (token) => {
    if (/[A-Z]/.test(token)) {
      isX = true;
      return token;
    }
    const mirrored = isX ? String(400 - Number(token)) : token;
    isX = !isX;
    return mirrored;
  });
}

/** Path data of a rectangle with round corners. */
export function box(x, y, width, height, radius = 0) {
  const [right, bottom] = [x + width, y + height];
  return `M${x + radius} ${y}L${right - radius} ${y}Q${right} ${y} ${right} ${y + radius}L${right} ${bottom - radius}Q${right} ${bottom} ${right - radius} ${bottom}L${x + radius} ${bottom}Q${x} ${bottom} ${x} ${bottom - radius}L${x} ${y + radius}Q${x} ${y} ${x + radius} ${y}Z`;
}

/** Path data of an ellipse. */
export function oval(x, y, radiusX, radiusY = radiusX) {
  return `M${x - radiusX} ${y}A${radiusX} ${radiusY} 0 1 1 ${x + radiusX} ${y}A${radiusX} ${radiusY} 0 1 1 ${x - radiusX} ${y}Z`;
}

export class Picture {
  #id = `art${++drawn}`;
  #parts = 0;
  #definitions = "";
  #marks = "";
  #scale;

  /**
   * @param {{ color: string, accent: string, pattern: string }} item `#rrggbb` colors and the name of a pattern
   */
  constructor({ color, accent, pattern }) {
    this.base = tones(color);
    const apart = Math.abs(luminance(color) - luminance(accent));
    // A pattern that nobody can see is none: take a tone of the thing itself instead.
    const visible = apart > 0.06 ? accent : luminance(color) > 0.35 ? this.base.dark : this.base.pale;
    this.accent = tones(visible);
    this.pattern = pattern;
  }

  /** The soft shadow of a thing that stands on the floor between `left` and `right`. */
  shadow(left, right, y = 340) {
    const [middle, half] = [(left + right) / 2, (right - left) / 2];
    return this
      .add(`<ellipse cx="${middle + 12}" cy="${y + 2}" rx="${half * 1.14 + 10}" ry="${10 + half * 0.11}" fill="url(#art-floor)"/>
      <ellipse cx="${middle + 2}" cy="${y}" rx="${half * 0.98}" ry="${4 + half * 0.045}" fill="url(#art-floor)"/>`);
  }

  /**
   * A part with a surface: filled, patterned, shaded and faintly outlined.
   *
   * @param {string} path path data
   * @param {object} [surface]
   * @param {ReturnType<typeof tones>} [surface.tone] default: the thing's own color
   * @param {string} [surface.shade] how light falls: `cloth`, `round`, `ball`, `flat`, `metal` or `down`
   * @param {boolean | number} [surface.pattern] whether it bears the item's pattern, or at which scale
   * @param {string} [surface.block] path data of the part in the accent color, if the pattern is `colorblock`
   * @param {string} [surface.inside] markup that is cut off at the outline: folds, seams
   */
  body(path, { tone = this.base, shade = "cloth", pattern = false, block, inside = "" } = {}) {
    const clip = `${this.#id}c${++this.#parts}`;
    this.#definitions += `<clipPath id="${clip}"><path d="${path}"/></clipPath>`;
    let surface = `<path d="${path}" fill="${tone.main}"/>`;
    if (block && this.pattern === "colorblock") surface += `<path d="${block}" fill="${this.accent.main}"/>`;
    if (pattern) surface += this.#patterned(pattern === true ? 1 : pattern);
    surface += `<path d="${path}" fill="url(#art-${shade})"/>`;
    return this.add(
      `<g clip-path="url(#${clip})">${surface}${inside}</g>
      <path d="${path}" fill="none" stroke="${tone.deep}" stroke-opacity=".38" stroke-width="1.6" stroke-linejoin="round"/>`,
    );
  }

  #patterned(scale) {
    const tile = patternTile(this.pattern, this.base, this.accent);
    if (!tile) return "";
    const id = `${this.#id}p`;
    if (this.#scale === undefined) {
      this.#scale = scale;
      const transform = scale === 1 ? "" : ` patternTransform="scale(${scale})"`;
      this.#definitions += `<pattern id="${id}" width="${tile.width}" height="${tile.height}" patternUnits="userSpaceOnUse"${transform}>${tile.marks}</pattern>`;
    }
    return `<rect width="400" height="400" fill="url(#${id})"/>`;
  }

  /** A part in one color. */
  fill(path, color, opacity = 1) {
    return this.add(`<path d="${path}" fill="${color}"${opacity === 1 ? "" : ` fill-opacity="${opacity}"`}/>`);
  }

  /** A line: a seam, a cord, a pole. */
  line(path, color = this.base.deep, width = 2, opacity = 1) {
    return this.add(line(path, color, width, opacity));
  }

  /** A round bar of light and shade along a path, `width` thick. */
  bar(path, tone, width) {
    return this.line(path, tone.dark, width)
      .line(path, tone.main, width * 0.72)
      .add(
        `<path d="${path}" fill="none" stroke="${tone.pale}" stroke-width="${width * 0.24}" stroke-opacity=".7" stroke-linecap="round" stroke-linejoin="round" transform="translate(${-width * 0.16} ${-width * 0.16})"/>`,
      );
  }

  /** A stitched seam. */
  stitch(path, color = this.base.deep, opacity = 0.55) {
    return this.add(
      `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.6" stroke-opacity="${opacity}" stroke-dasharray="5 4"/>`,
    );
  }

  /** Raw markup. */
  add(markup) {
    this.#marks += markup;
    return this;
  }

  toString() {
    return `<defs>${this.#definitions}</defs>${this.#marks}`;
  }
}

/** Markup of a line with round ends. */
export function line(path, color, width = 2, opacity = 1) {
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** Markup of a soft fold in cloth: a dark line with a light one beside it. */
export function fold(path, depth = 0.16) {
  return `<path d="${path}" fill="none" stroke="#1e140e" stroke-opacity="${depth}" stroke-width="7" stroke-linecap="round"/><path d="${path}" fill="none" stroke="#fff" stroke-opacity="${depth * 0.9}" stroke-width="3" stroke-linecap="round" transform="translate(-5 -2)"/>`;
}
