// Patterns as tiles that repeat. `plain` and `colorblock` have none: the one is nothing, the other a part of each shape.

/** Places of the speckles on a tile of 64 × 64: strewn, so that the eye finds no rows. */
const SPECKLES = [
  [6, 9, 2.2], [19, 27, 1.3], [31, 6, 1.6], [45, 18, 2.4], [57, 33, 1.4], [11, 44, 1.7], [26, 53, 2.1], [39, 40, 1.2],
  [52, 57, 1.8], [3, 60, 1.2], [60, 4, 1.5], [34, 25, 1.1], [15, 15, 1], [48, 47, 1],
]; // prettier-ignore

const TILES = {
  stripes: (base, accent) => ({
    width: 60,
    height: 44,
    marks: `<rect width="60" height="15" fill="${accent.main}"/><rect y="22" width="60" height="3" fill="${accent.main}" opacity=".75"/>`,
  }),
  check: (base, accent) => ({
    width: 56,
    height: 56,
    marks: `<path d="M0 0H24V56H0Z" fill="${accent.main}" opacity=".55"/><path d="M0 0V24H56V0Z" fill="${accent.main}" opacity=".55"/>
      <path d="M39 0V56M0 39H56" stroke="${base.pale}" stroke-width="2.4" opacity=".75"/><path d="M12 0V56M0 12H56" stroke="${base.deep}" stroke-width="1.8" opacity=".4"/>`,
  }),
  herringbone: (base, accent) => ({
    width: 28,
    height: 16,
    marks: `<path d="M-2 10L7 1L14 8M-2 18L7 9L14 16M14 8L21 1L30 10M14 16L21 9L30 18M-2 2L7 -7L14 0L21 -7L30 2" fill="none" stroke="${accent.main}" stroke-width="3" opacity=".62"/>`,
  }),
  nordic: (base, accent) => ({
    width: 48,
    height: 112,
    marks: `<g fill="${accent.main}"><path d="M0 4H48V8H0ZM0 64H48V68H0Z"/><path d="M24 14L36 36L24 58L12 36ZM24 26L18 36L24 46L30 36Z" fill-rule="evenodd"/>
      <path d="M0 28L5 36L0 44ZM48 28L43 36L48 44Z"/><path d="M0 22L7 15L0 8ZM48 22L41 15L48 8ZM0 64L7 57L0 50ZM48 64L41 57L48 50Z" opacity=".7"/>
      <path d="M4 80H10V86H4ZM16 92H22V98H16ZM28 80H34V86H28ZM40 92H46V98H40Z" opacity=".85"/></g>`,
  }),
  dots: (base, accent) => ({
    width: 36,
    height: 36,
    marks: `<circle cx="9" cy="9" r="5.4" fill="${accent.main}"/><circle cx="27" cy="27" r="5.4" fill="${accent.main}"/>`,
  }),
  quilted: (base) => ({
    width: 36,
    height: 36,
    marks: `<path d="M0 0L36 36M36 0L0 36" stroke="${base.deep}" stroke-width="2.4" opacity=".5"/><path d="M0 3L33 36M39 0L3 36" stroke="${base.pale}" stroke-width="1.8" opacity=".45"/>`,
  }),
  speckle: (base, accent) => ({
    width: 64,
    height: 64,
    marks: SPECKLES.map(
      ([x, y, radius], index) =>
        `<circle cx="${x}" cy="${y}" r="${radius}" fill="${index % 3 ? base.deep : accent.main}" opacity=".62"/>`,
    ).join(""),
  }),
  ribbed: (base) => ({
    width: 14,
    height: 14,
    marks: `<path d="M0 0H5V14H0Z" fill="${base.deep}" opacity=".28"/><path d="M7 0H10V14H7Z" fill="${base.pale}" opacity=".4"/>`,
  }),
};

/**
 * The tile of a pattern.
 * @returns {{ width: number, height: number, marks: string } | undefined}
 */
export function patternTile(name, base, accent) {
  return Object.hasOwn(TILES, name) ? TILES[name](base, accent) : undefined;
}
